import { BgColorsOutlined, LogoutOutlined, UserOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { onSignedOut } from "@yanshu/api";
import { AppShell, LanguageSwitch, ThemeSwitch, ZoneContext } from "@yanshu/ui";
import { Button, Dropdown, Popover } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { JobsTray } from "../features/jobs/JobsTray";
import { Panel } from "../parts/Panel";
import { useNarrow } from "../parts/useNarrow";
import { useNotices } from "../parts/useNotices";
import { consoleBase, ownAccount, paths } from "../paths";
import { api } from "../server";
import { sessionQuery, useMay, useSession } from "../session/session";
import { useLiveEvents } from "./live";
import { currentEntry, hrefOf, menuFor } from "./menu";

/** The console around its pages: menu, running jobs, language, appearance, the reader's own account. */
export function Shell() {
  const { data } = useQuery(sessionQuery());
  return data === undefined ? null : <SignedIn />;
}

function SignedIn() {
  const { t } = useTranslation();
  const session = useSession();
  const may = useMay();
  const narrow = useNarrow();
  const router = useRouter();
  const notices = useNotices();
  const location = useLocation();
  useLiveEvents();

  const { organisation, member } = session;
  // The page is loaded anew, so that nothing of the session that ended stays in memory.
  useEffect(
    () =>
      onSignedOut(() =>
        window.location.replace(
          hrefOf(`${paths.signIn}?${new URLSearchParams({ next: consoleBase + router.state.location.href })}`),
        ),
      ),
    [router],
  );

  async function signOut() {
    try {
      await api.signOutOfConsole();
      window.location.replace(hrefOf(paths.signIn));
    } catch (cause) {
      notices.failed(cause);
    }
  }

  return (
    <ZoneContext value={organisation.time_zone}>
      <AppShell
        name={organisation.name}
        nav={menuFor(t, may)}
        current={currentEntry(location.pathname)}
        onNavigate={(href) => void router.navigate({ to: href.slice(consoleBase.length) || "/" })}
        actions={
          <>
            {may("view_jobs") ? <JobsTray /> : null}
            {narrow ? null : <LanguageSwitch />}
            <Popover
              trigger="click"
              placement="bottomRight"
              content={
                <Panel title={t("shell.appearance")}>
                  <ThemeSwitch />
                </Panel>
              }
            >
              <Button type="text" icon={<BgColorsOutlined aria-hidden />} aria-label={t("shell.appearance")} />
            </Popover>
            <Dropdown
              trigger={["click"]}
              placement="bottomRight"
              menu={{
                items: [
                  { key: "who", type: "group", label: member.address ?? member.account_name },
                  {
                    key: "account",
                    icon: <UserOutlined aria-hidden />,
                    label: <a href={ownAccount}>{t("shell.ownAccount")}</a>,
                  },
                  ...(narrow ? [{ key: "language", label: <LanguageSwitch /> }] : []),
                  { type: "divider" as const },
                  {
                    key: "out",
                    icon: <LogoutOutlined aria-hidden />,
                    label: t("shell.signOut"),
                    onClick: () => void signOut(),
                  },
                ],
              }}
            >
              <Button
                type="text"
                icon={<UserOutlined aria-hidden />}
                aria-label={t("shell.account", { name: member.name })}
              >
                {narrow ? null : member.name}
              </Button>
            </Dropdown>
          </>
        }
      >
        <Outlet />
      </AppShell>
    </ZoneContext>
  );
}
