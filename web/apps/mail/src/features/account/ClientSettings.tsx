import { useSuspenseQuery } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { q } from "@yanshu/api/query";
import { CopyButton } from "@yanshu/ui";
import { Alert, theme } from "antd";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";

/** What a mail program asks for, each value to be copied. */
export function ClientSettings() {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const { data } = useSuspenseQuery(q(api.getClientSettings));
  if (data.user_name === null) return <Alert type="warning" showIcon message={t("clients.noAddress")} />;
  if (data.servers.length === 0) return <Alert type="info" showIcon message={t("clients.noServers")} />;
  const value = (label: string, text: string) => (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 4, minWidth: 0 }}>
      <span style={{ overflowWrap: "anywhere", fontVariantNumeric: "tabular-nums" }}>{text}</span>
      <CopyButton text={text} label={t("clients.copy", { what: label })} />
    </span>
  );
  return (
    <dl style={{ display: "grid", gridTemplateColumns: "minmax(96px, max-content) 1fr", gap: "4px 16px", margin: 0 }}>
      <dt style={{ color: token.colorTextSecondary, alignSelf: "center" }}>{t("clients.userName")}</dt>
      <dd style={{ margin: 0 }}>{value(t("clients.userName"), data.user_name)}</dd>
      <dt style={{ color: token.colorTextSecondary }}>{t("clients.password")}</dt>
      <dd style={{ margin: 0 }}>
        {data.client_passwords_only ? t("clients.passwordClientOnly") : t("clients.passwordEither")}
      </dd>
      {data.servers.map((server) => {
        const name = t(`clients.protocols.${server.protocol}`);
        return (
          <Fragment key={`${server.protocol}-${server.port}`}>
            <dt style={{ gridColumn: "1 / -1", marginTop: 12, fontWeight: 600 }}>{name}</dt>
            <dt style={{ color: token.colorTextSecondary, alignSelf: "center" }}>{t("clients.server")}</dt>
            <dd style={{ margin: 0 }}>{value(`${name} ${t("clients.server")}`, server.host)}</dd>
            <dt style={{ color: token.colorTextSecondary, alignSelf: "center" }}>{t("clients.port")}</dt>
            <dd style={{ margin: 0 }}>{value(`${name} ${t("clients.port")}`, String(server.port))}</dd>
            <dt style={{ color: token.colorTextSecondary }}>{t("clients.security")}</dt>
            <dd style={{ margin: 0 }}>{t(`clients.securities.${server.security}`)}</dd>
          </Fragment>
        );
      })}
    </dl>
  );
}
