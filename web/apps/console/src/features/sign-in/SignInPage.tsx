import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { keyOf } from "@yanshu/api/query";
import { NewPasswordForm, PublicPage, SignInForm } from "@yanshu/ui";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../server";
import type { Session } from "../../server/types";
import { safeNext } from "./safeNext";

const route = getRouteApi("/login");

/** Signing in to the console, and choosing a password of one's own where an initial one was used. */
export function SignInPage() {
  const { t } = useTranslation();
  const router = useRouter();
  const client = useQueryClient();
  const { next } = route.useSearch();
  const { pending } = route.useLoaderData();
  const [session, setSession] = useState<Session | undefined>(pending);

  async function enter(answer: Session) {
    if (answer.stage === "choose_password") {
      setSession(answer);
      return;
    }
    client.setQueryData(keyOf(api.getConsoleSession), answer);
    router.history.push(safeNext(next));
  }

  if (session !== undefined) {
    return (
      <PublicPage title={t("signIn.chooseTitle")} intro={t("signIn.chooseIntro", { name: session.member.name })}>
        <NewPasswordForm
          autoFocus
          block
          username={session.member.address ?? session.member.account_name}
          submitLabel={t("signIn.choose")}
          check={async (password) =>
            (
              await api.checkPassword({
                body: { password, organisation_code: session.organisation.code, name: session.member.name },
              })
            ).rules
          }
          onSubmit={async ({ new_password }) => enter(await api.chooseFirstConsolePassword({ body: { new_password } }))}
        />
      </PublicPage>
    );
  }
  return (
    <PublicPage title={t("signIn.title")} intro={t("signIn.intro")}>
      <SignInForm offerRemember={false} onSubmit={async (values) => enter(await api.signInToConsole({ body: values }))}>
        <Button type="link" href="/login" style={{ paddingInline: 0 }}>
          {t("signIn.toMail")}
        </Button>
      </SignInForm>
    </PublicPage>
  );
}
