import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";

/** Keeps the layout while the data comes. */
export function LoadingSkeleton({ rows = 6, title = true }: { rows?: number; title?: boolean }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-busy="true">
      <span className="yanshu-hidden">{t("ui.loading")}</span>
      <Skeleton active title={title} paragraph={{ rows }} />
    </div>
  );
}
