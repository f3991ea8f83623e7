import { api } from "@yanshu/api";
import { ErrorState, PublicPage } from "@yanshu/ui";
import { Button } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { goTo } from "../../location";
import { paths } from "../../paths";
import { useAnswer } from "../../useAnswer";
import { WaitingPage } from "../../WaitingPage";
import { SetUpDonePage } from "./SetUpDonePage";
import { SetUpWizard } from "./SetUpWizard";

/** Behind the one-time link that the server printed: the first organisation, its domain and its administrator. */
export function SetUpPage({ token }: { token: string }) {
  const { t } = useTranslation();
  const [answer, retry] = useAnswer(useCallback(() => api.getSetup({ query: { token } }), [token]));
  const [done, setDone] = useState<{ code: string; address: string } | null>(null);

  if (done !== null) return <SetUpDonePage code={done.code} address={done.address} />;
  if (answer.state === "waiting") return <WaitingPage />;
  if (answer.state === "failed") {
    return (
      <PublicPage title={t("setUp.failed")}>
        <ErrorState problem={answer.problem} onRetry={retry} />
      </PublicPage>
    );
  }
  if (!answer.data.valid) return <DeadLinkPage />;
  return <SetUpWizard token={token} onDone={setDone} onDeadLink={retry} />;
}

function DeadLinkPage() {
  const { t } = useTranslation();
  return (
    <PublicPage title={t("setUp.deadLink")} intro={t("setUp.deadLinkIntro")}>
      <ul style={{ margin: "0 0 24px", paddingInlineStart: 20, display: "grid", gap: 8 }}>
        <li>{t("setUp.deadLinkNotDone")}</li>
        <li>{t("setUp.deadLinkDone")}</li>
      </ul>
      <Button block onClick={() => goTo(paths.signIn)}>
        {t("setUp.toSignIn")}
      </Button>
    </PublicPage>
  );
}
