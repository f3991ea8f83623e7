import { useQueryClient } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { keyOf } from "@yanshu/api/query";
import { NewPasswordForm, PageHeader } from "@yanshu/ui";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { Section } from "./Section";
import { SessionList } from "./SessionList";

/** The password, and where one is signed in. */
export function SecurityPage() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const { member, organisation } = useSession();
  return (
    <>
      <PageHeader title={t("security.title")} />
      <Section title={t("security.sessions")} text={t("security.sessionsText")}>
        <SessionList />
      </Section>
      <Section title={t("security.password")} text={t("security.passwordText")}>
        <div style={{ maxWidth: 400 }}>
          <NewPasswordForm
            withCurrent
            username={member.address ?? member.account_name}
            submitLabel={t("security.changePassword")}
            check={async (password) =>
              (await api.checkPassword({ body: { password, organisation_code: organisation.code, name: member.name } }))
                .rules
            }
            onSubmit={async ({ current_password = "", new_password }) => {
              await api.changePassword({ body: { current_password, new_password } });
              void message.success(t("security.passwordChanged"));
              await queryClient.invalidateQueries({ queryKey: keyOf(api.listSessions) });
            }}
          />
        </div>
      </Section>
    </>
  );
}
