import { api, asProblem } from "@yanshu/api";
import { ErrorState, PublicPage } from "@yanshu/ui";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { leaveFor } from "../../location";
import { safeNext } from "../../paths";
import { useAnswer } from "../../useAnswer";
import { WaitingPage } from "../../WaitingPage";
import { ChoosePasswordPage, type Session } from "../choose-password/ChoosePasswordPage";
import { AddressPage } from "./AddressPage";
import { OrganisationPage } from "./OrganisationPage";

async function sessionNow(): Promise<Session | null> {
  try {
    return await api.getSession();
  } catch (cause) {
    const problem = asProblem(cause);
    if (problem.status === 401) return null;
    throw problem;
  }
}

/** Signing in, by mail address or on an organisation's own page, up to where the person wanted to go. */
export function SignInPages({ code }: { code: string | null }) {
  const { t } = useTranslation();
  const [answer, retry] = useAnswer(sessionNow);
  const [signedIn, setSignedIn] = useState<Session | null>(null);
  const [left, setLeft] = useState(false);
  const session = left ? null : (signedIn ?? (answer.state === "here" ? answer.data : null));
  const stage = session?.stage;

  useEffect(() => {
    if (stage === "full") leaveFor(safeNext(location.search));
  }, [stage]);

  if (answer.state === "failed") {
    return (
      <PublicPage title={t("signIn.title")}>
        <ErrorState problem={answer.problem} onRetry={retry} />
      </PublicPage>
    );
  }
  if (answer.state === "waiting" || stage === "full") return <WaitingPage />;
  if (session !== null) {
    return (
      <ChoosePasswordPage
        session={session}
        onChosen={() => leaveFor(safeNext(location.search))}
        onSignedOut={() => {
          setSignedIn(null);
          setLeft(true);
        }}
      />
    );
  }
  const enter = (session: Session) => {
    setLeft(false);
    setSignedIn(session);
  };
  return code === null ? <AddressPage onSignedIn={enter} /> : <OrganisationPage code={code} onSignedIn={enter} />;
}
