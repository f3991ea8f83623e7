import { Link } from "@tanstack/react-router";
import { EmptyState } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import { paths } from "../paths";

export function MissingPage() {
  const { t } = useTranslation();
  return (
    <main>
      <EmptyState
        title={t("page.missing")}
        text={t("page.missingText")}
        action={<Link to={paths.profile}>{t("page.toAccount")}</Link>}
      />
    </main>
  );
}
