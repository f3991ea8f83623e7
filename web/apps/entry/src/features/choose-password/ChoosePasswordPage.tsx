import { api } from "@yanshu/api";
import { NewPasswordForm, PublicPage } from "@yanshu/ui";
import { Button } from "antd";
import { useTranslation } from "react-i18next";

export type Session = Awaited<ReturnType<typeof api.getSession>>;

interface ChoosePasswordPageProps {
  session: Session;
  onChosen: () => void;
  onSignedOut: () => void;
}

/** After signing in with an initial password: nothing else is open until a password of one's own is chosen. */
export function ChoosePasswordPage({ session, onChosen, onSignedOut }: ChoosePasswordPageProps) {
  const { t } = useTranslation();
  const { member, organisation } = session;
  return (
    <PublicPage
      title={t("choosePassword.title")}
      intro={t("choosePassword.intro", { name: member.name, organisation: organisation.name })}
    >
      <NewPasswordForm
        autoFocus
        block
        username={member.address ?? member.account_name}
        submitLabel={t("choosePassword.submit")}
        check={async (password) =>
          (await api.checkPassword({ body: { password, organisation_code: organisation.code, name: member.name } }))
            .rules
        }
        onSubmit={async ({ new_password }) => {
          await api.chooseFirstPassword({ body: { new_password } });
          onChosen();
        }}
      >
        <Button
          type="link"
          block
          style={{ marginTop: 8 }}
          onClick={async () => {
            await api.signOut();
            onSignedOut();
          }}
        >
          {t("choosePassword.other")}
        </Button>
      </NewPasswordForm>
    </PublicPage>
  );
}
