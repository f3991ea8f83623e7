import {
  ContactsOutlined,
  DeleteOutlined,
  IdcardOutlined,
  MailOutlined,
  MobileOutlined,
  SafetyOutlined,
  SettingOutlined,
  UserOutlined,
} from "@ant-design/icons";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { AppShell, useMedia, ZoneContext } from "@yanshu/ui";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { openKeptDrafts } from "../features/compose/kept";
import { useComposeWindows } from "../features/compose/windows";
import { NoticeBar } from "../features/mail/parts/NoticeBar";
import { useMailEvents, useMailIfThere } from "../features/mail/store/useMail";
import { paths } from "../paths";
import { useSession } from "../session/session";
import { withTexts } from "../texts";
import { AccountMenu } from "./AccountMenu";

const ComposeDock = lazy(withTexts(() => import("../features/compose/ComposeDock")));
const FolderDrawer = lazy(() => import("./FolderDrawer"));

/** The frame around mail, contacts and the own account; mails that are being written stay open above all of them. */
export function MailShell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const session = useSession();
  const location = useRouterState({ select: (state) => state.location });
  const narrow = useMedia("(max-width: 860px)");
  const mail = useMailIfThere();
  const windows = useComposeWindows();
  useMailEvents(mail);
  useEffect(() => openKeptDrafts(session.member.id), [session.member.id]);

  const { pathname } = location;
  const [, part = "", folder = "", thread] = pathname.split("/");
  const inMail = part === "mail";
  const inContacts = part === "contacts";
  const inAccount = part === "account";

  return (
    <ZoneContext.Provider value={session.organisation.time_zone}>
      <AppShell
        name={session.organisation.name}
        current={pathname}
        onNavigate={(href) => void navigate({ to: href })}
        actions={<AccountMenu />}
        fill={inMail || inContacts}
        hideHeader={narrow && inMail && Boolean(thread)}
        parts={[
          { href: paths.inbox, label: t("nav.mail"), icon: <MailOutlined aria-hidden />, current: inMail },
          {
            href: paths.contacts,
            label: t("nav.contacts"),
            icon: <ContactsOutlined aria-hidden />,
            current: inContacts,
          },
          { href: paths.profile, label: t("nav.account"), icon: <UserOutlined aria-hidden />, current: inAccount },
        ]}
        drawer={
          inMail && mail !== undefined
            ? (close) => (
                <Suspense>
                  <FolderDrawer current={folder} onChosen={close} />
                </Suspense>
              )
            : undefined
        }
        nav={
          inAccount
            ? [
                { key: paths.profile, href: paths.profile, icon: <IdcardOutlined />, label: t("nav.profile") },
                { key: paths.security, href: paths.security, icon: <SafetyOutlined />, label: t("nav.security") },
                { key: paths.clients, href: paths.clients, icon: <MobileOutlined />, label: t("nav.clients") },
                { key: paths.recovery, href: paths.recovery, icon: <DeleteOutlined />, label: t("nav.recovery") },
                {
                  key: paths.preferences,
                  href: paths.preferences,
                  icon: <SettingOutlined />,
                  label: t("nav.preferences"),
                },
              ]
            : []
        }
      >
        <Outlet />
      </AppShell>
      <NoticeBar />
      {windows.length > 0 && (
        <Suspense>
          <ComposeDock />
        </Suspense>
      )}
    </ZoneContext.Provider>
  );
}
