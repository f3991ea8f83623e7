import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { problemText, type ToldProblem } from "../i18n/problem-text";
import { CopyButton } from "./CopyButton";

interface Problem extends ToldProblem {
  requestId?: string | null;
}

/** What is wrong, where and what to do; the request id to copy for whoever looks into the log. */
export function ErrorState({
  problem,
  title,
  onRetry,
}: {
  problem: Problem;
  /** What could not be done, such as "成员没有载入". */
  title?: string;
  onRetry?: () => void;
}) {
  const { t } = useTranslation();
  const text = problemText(t, problem);
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title ?? text}
      description={
        <>
          {title !== undefined && <div>{text}</div>}
          {problem.requestId && (
            <div style={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 4 }}>
              <span>
                {t("ui.error.requestId")} <code>{problem.requestId}</code>
              </span>
              <CopyButton text={problem.requestId} label={t("ui.error.copyRequestId")} />
            </div>
          )}
        </>
      }
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            {t("ui.error.retry")}
          </Button>
        )
      }
    />
  );
}
