import { LoadingSkeleton, PublicPage } from "@yanshu/ui";
import { useTranslation } from "react-i18next";

/** Keeps the place of a public page while the first answer comes. */
export function WaitingPage() {
  const { t } = useTranslation();
  return (
    <PublicPage title={t("app.title")}>
      <LoadingSkeleton rows={4} title={false} />
    </PublicPage>
  );
}
