import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { keyOf, q, useApiMutation } from "@yanshu/api/query";
import { problemText, StatusTag, TimeText } from "@yanshu/ui";
import { App, Button, theme } from "antd";
import { useTranslation } from "react-i18next";
import { deviceOf } from "./device";

/** Where the member is signed in, this device first; each can be signed out. */
export function SessionList() {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const { data } = useSuspenseQuery(q(api.listSessions));
  const changed = {
    onSuccess: () => {
      void message.success(t("sessions.ended"));
      return queryClient.invalidateQueries({ queryKey: keyOf(api.listSessions) });
    },
    onError: (problem: { code: string; params: Record<string, string> }) => void message.error(problemText(t, problem)),
  };
  const revoke = useApiMutation(api.revokeSession, changed);
  const revokeOthers = useApiMutation(api.revokeOtherSessions, changed);
  const sessions = [...data.items].sort((a, b) => Number(b.current) - Number(a.current));
  const others = sessions.filter((session) => !session.current);

  return (
    <>
      <ul style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {sessions.map((session) => {
          const device = deviceOf(session.user_agent);
          const name = [device.app ?? t("sessions.unknownApp"), device.system].filter(Boolean).join(t("sessions.on"));
          return (
            <li
              key={session.id}
              style={{
                display: "flex",
                alignItems: "center",
                gap: 12,
                padding: "12px 0",
                borderBottom: `${token.lineWidth}px solid ${token.colorBorderSecondary}`,
              }}
            >
              <div style={{ flex: 1, minWidth: 0 }}>
                <div style={{ display: "flex", flexWrap: "wrap", gap: "0 12px", fontWeight: 600 }}>
                  <span>{name}</span>
                  {session.current && <StatusTag tone="success">{t("sessions.current")}</StatusTag>}
                </div>
                <div style={{ color: token.colorTextSecondary }}>
                  {session.realm === "console" ? t("sessions.console") : t("sessions.account")}
                  {session.ip ? ` · ${session.ip}` : ""}
                  {" · "}
                  {t("sessions.lastSeen")} <TimeText at={session.last_seen_at} />
                </div>
              </div>
              {!session.current && (
                <Button
                  style={{ minHeight: 40 }}
                  loading={revoke.isPending && revoke.variables?.path.id === session.id}
                  onClick={() => revoke.mutate({ path: { id: session.id } })}
                  aria-label={t("sessions.endOne", { name })}
                >
                  {t("sessions.end")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {others.length > 0 ? (
        <Button
          danger
          style={{ marginTop: 16, minHeight: 40 }}
          loading={revokeOthers.isPending}
          onClick={() => revokeOthers.mutate({})}
        >
          {t("sessions.endOthers")}
        </Button>
      ) : (
        <p style={{ margin: "16px 0 0", color: token.colorTextSecondary }}>{t("sessions.onlyHere")}</p>
      )}
    </>
  );
}
