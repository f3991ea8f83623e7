import { api, asProblem } from "@yanshu/api";
import { ErrorState, PublicPage } from "@yanshu/ui";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { goTo, leaveFor } from "../../location";
import { paths } from "../../paths";
import { useAnswer } from "../../useAnswer";
import { WaitingPage } from "../../WaitingPage";

type Whither = "set-up" | "account" | "sign-in";

async function whither(): Promise<Whither> {
  const entry = await api.getEntry();
  if (!entry.set_up) return "set-up";
  try {
    const session = await api.getSession();
    return session.stage === "full" ? "account" : "sign-in";
  } catch (cause) {
    const problem = asProblem(cause);
    if (problem.status === 401) return "sign-in";
    throw problem;
  }
}

/** The bare address: leads to where the visitor can do something. */
export function StartPage() {
  const { t } = useTranslation();
  const [answer, retry] = useAnswer(whither);
  const target = answer.state === "here" ? answer.data : null;
  useEffect(() => {
    if (target === "account") leaveFor(paths.home);
    if (target === "sign-in") goTo(paths.signIn);
  }, [target]);

  if (answer.state === "failed") {
    return (
      <PublicPage title={t("start.failed")}>
        <ErrorState problem={answer.problem} onRetry={retry} />
      </PublicPage>
    );
  }
  if (target !== "set-up") return <WaitingPage />;
  return (
    <PublicPage title={t("start.notSetUp")} intro={t("start.notSetUpIntro")}>
      <ol style={{ margin: 0, paddingInlineStart: 20, display: "grid", gap: 8 }}>
        <li>{t("start.lookAtTerminal")}</li>
        <li>{t("start.openLink")}</li>
      </ol>
    </PublicPage>
  );
}
