import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { keyOf, q, useApiMutation } from "@yanshu/api/query";
import { problemText, TimeText } from "@yanshu/ui";
import { App, Button, Popconfirm, theme } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NewClientPassword } from "./NewClientPassword";

/** The passwords of mail programs; each can be revoked without touching the others. */
export function ClientPasswords() {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [making, setMaking] = useState(false);
  const { data } = useSuspenseQuery(q(api.listClientPasswords));
  const changed = () => queryClient.invalidateQueries({ queryKey: keyOf(api.listClientPasswords) });
  const revoke = useApiMutation(api.revokeClientPassword, {
    onSuccess: () => {
      void message.success(t("clients.revoked"));
      return changed();
    },
    onError: (problem) => void message.error(problemText(t, problem)),
  });

  return (
    <>
      {data.items.length === 0 && (
        <p style={{ margin: "0 0 16px", color: token.colorTextSecondary }}>{t("clients.none")}</p>
      )}
      <ul style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {data.items.map((item) => (
          <li
            key={item.id}
            style={{
              display: "flex",
              alignItems: "center",
              gap: 12,
              padding: "12px 0",
              borderBottom: `${token.lineWidth}px solid ${token.colorBorderSecondary}`,
            }}
          >
            <div style={{ flex: 1, minWidth: 0 }}>
              <div style={{ fontWeight: 600, overflowWrap: "anywhere" }}>{item.name}</div>
              <div style={{ color: token.colorTextSecondary }}>
                {item.protocols.map((protocol) => t(`clients.uses.${protocol}`)).join(t("profile.comma"))}
                {" · "}
                {item.last_used_at === null ? (
                  t("clients.neverUsed")
                ) : (
                  <>
                    {t("clients.lastUsed")} <TimeText at={item.last_used_at} />
                    {item.last_used_ip === null ? "" : ` · ${item.last_used_ip}`}
                  </>
                )}
                {item.expires_at !== null && (
                  <>
                    {" · "}
                    {t("clients.expires")} <TimeText at={item.expires_at} />
                  </>
                )}
              </div>
            </div>
            <Popconfirm
              title={t("clients.revokeQuestion", { name: item.name })}
              description={t("clients.revokeText")}
              okText={t("clients.revoke")}
              okButtonProps={{ danger: true }}
              onConfirm={() => revoke.mutateAsync({ path: { id: item.id } }).catch(() => {})}
            >
              <Button
                style={{ minHeight: 40 }}
                loading={revoke.isPending && revoke.variables?.path.id === item.id}
                aria-label={t("clients.revokeOne", { name: item.name })}
              >
                {t("clients.revoke")}
              </Button>
            </Popconfirm>
          </li>
        ))}
      </ul>
      <Button type="primary" style={{ marginTop: 16, minHeight: 40 }} onClick={() => setMaking(true)}>
        {t("clients.make")}
      </Button>
      {making && <NewClientPassword onClose={() => setMaking(false)} onMade={() => void changed()} />}
    </>
  );
}
