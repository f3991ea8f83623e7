import { useRouter } from "@tanstack/react-router";
import { asProblem } from "@yanshu/api";
import { ErrorState, PageHeader } from "@yanshu/ui";
import { useTranslation } from "react-i18next";

export function FailedPage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <div style={{ maxWidth: 880 }}>
      <PageHeader title={t("page.failed")} />
      <ErrorState problem={asProblem(error)} onRetry={() => void router.invalidate()} />
    </div>
  );
}
