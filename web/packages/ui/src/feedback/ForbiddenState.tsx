import { LockOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "./EmptyState";

/** The page may not be seen; names what the person may do instead. */
export function ForbiddenState({ scope, action }: { scope?: string; action?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={<LockOutlined />}
      title={t("ui.forbidden.title")}
      text={scope === undefined ? t("ui.forbidden.text") : t("ui.forbidden.scope", { scope })}
      action={action}
    />
  );
}
