import { useRouter } from "@tanstack/react-router";
import { asProblem } from "@yanshu/api";
import { ErrorState } from "@yanshu/ui";
import { useTranslation } from "react-i18next";

export function FailedPage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <div style={{ padding: 24, maxWidth: 880 }}>
      <ErrorState problem={asProblem(error)} title={t("page.failed")} onRetry={() => void router.invalidate()} />
    </div>
  );
}
