import { api } from "@yanshu/api";
import { PublicPage, SignInForm } from "@yanshu/ui";
import { Button, Divider } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { goTo } from "../../location";
import { paths } from "../../paths";
import type { Session } from "../choose-password/ChoosePasswordPage";
import { OrganisationCodePage } from "./OrganisationCodePage";
import { rememberedCode } from "./remembered";

/** Signing in with a mail address; the way to an organisation's own page below. */
export function AddressPage({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const { t } = useTranslation();
  const [askingCode, setAskingCode] = useState(false);
  if (askingCode) return <OrganisationCodePage onBack={() => setAskingCode(false)} />;
  return (
    <PublicPage title={t("signIn.title")}>
      <SignInForm
        onSubmit={async ({ address, password, remember }) =>
          onSignedIn(await api.signIn({ body: { address, password, remember } }))
        }
      >
        <Divider plain>{t("signIn.or")}</Divider>
        <Button
          block
          onClick={() => {
            const code = rememberedCode();
            if (code === null) setAskingCode(true);
            else goTo(paths.organisation(code));
          }}
        >
          {t("signIn.enterprise")}
        </Button>
      </SignInForm>
    </PublicPage>
  );
}
