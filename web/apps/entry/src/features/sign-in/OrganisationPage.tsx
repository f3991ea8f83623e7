import { api } from "@yanshu/api";
import { ErrorState, PublicPage, SignInForm } from "@yanshu/ui";
import { Button } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { goTo } from "../../location";
import { paths } from "../../paths";
import { useAnswer } from "../../useAnswer";
import { WaitingPage } from "../../WaitingPage";
import type { Session } from "../choose-password/ChoosePasswordPage";
import { rememberCode, rememberedCode } from "./remembered";

/** An organisation's own sign-in page: account name and password. */
export function OrganisationPage({ code, onSignedIn }: { code: string; onSignedIn: (session: Session) => void }) {
  const { t } = useTranslation();
  const [answer, retry] = useAnswer(useCallback(() => api.getSignInPage({ path: { code } }), [code]));

  const elsewhere = (
    <Button
      type="link"
      block
      style={{ marginTop: 8 }}
      onClick={() => {
        if (rememberedCode() === code) rememberCode(null);
        goTo(paths.signIn);
      }}
    >
      {t("organisation.elsewhere")}
    </Button>
  );
  if (answer.state === "waiting") return <WaitingPage />;
  if (answer.state === "failed") {
    const unknown = answer.problem.isNotFound;
    return (
      <PublicPage
        title={unknown ? t("organisation.unknown") : t("signIn.title")}
        intro={unknown ? t("organisation.unknownIntro", { code }) : undefined}
      >
        {!unknown && <ErrorState problem={answer.problem} onRetry={retry} />}
        {elsewhere}
      </PublicPage>
    );
  }
  const { organisation_code, organisation_name } = answer.data;
  return (
    <PublicPage title={organisation_name} intro={t("organisation.intro")}>
      <SignInForm
        organisationCode={organisation_code}
        onSubmit={async (values) => onSignedIn(await api.signIn({ body: values }))}
      >
        {elsewhere}
      </SignInForm>
    </PublicPage>
  );
}
