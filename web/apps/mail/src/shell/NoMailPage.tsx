import { Link } from "@tanstack/react-router";
import { asProblem } from "@yanshu/api";
import { EmptyState } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import { paths } from "../paths";
import { FailedPage } from "./FailedPage";

/** In the place of the mail: that the account has none, or why it could not be loaded. */
export function NoMailPage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (asProblem(error).code !== "mail_account_not_found") {
    return (
      <div style={{ padding: 24, overflow: "auto" }}>
        <FailedPage error={error} />
      </div>
    );
  }
  return (
    <EmptyState
      title={t("page.noMailbox")}
      text={t("page.noMailboxText")}
      action={<Link to={paths.profile}>{t("page.toAccount")}</Link>}
    />
  );
}
