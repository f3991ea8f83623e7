import { IdcardOutlined, MobileOutlined, SafetyOutlined, SettingOutlined } from "@ant-design/icons";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { AppShell, ZoneContext } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import { paths } from "../paths";
import { useSession } from "../session/session";
import { AccountMenu } from "./AccountMenu";

/** The frame that folders and mail will move into; today it holds the account. */
export function MailShell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const session = useSession();
  const pathname = useRouterState({ select: (state) => state.location.pathname });

  return (
    <ZoneContext.Provider value={session.organisation.time_zone}>
      <AppShell
        name={session.organisation.name}
        current={pathname}
        onNavigate={(href) => void navigate({ to: href })}
        actions={<AccountMenu />}
        nav={[
          { key: paths.profile, href: paths.profile, icon: <IdcardOutlined />, label: t("nav.profile") },
          { key: paths.security, href: paths.security, icon: <SafetyOutlined />, label: t("nav.security") },
          { key: paths.clients, href: paths.clients, icon: <MobileOutlined />, label: t("nav.clients") },
          { key: paths.preferences, href: paths.preferences, icon: <SettingOutlined />, label: t("nav.preferences") },
        ]}
      >
        <Outlet />
      </AppShell>
    </ZoneContext.Provider>
  );
}
