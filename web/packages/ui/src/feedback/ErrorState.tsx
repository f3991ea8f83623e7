import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { problemText, type ToldProblem } from "../i18n/problem-text";
import { CopyButton } from "./CopyButton";

interface Problem extends ToldProblem {
  requestId?: string | null;
  status?: number;
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
  // What the person can mend alone needs nobody's help: only then the id would be noise.
  const requestId = problem.status === undefined || problem.status >= 500 ? problem.requestId : null;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title ?? text}
      description={
        <>
          {title !== undefined && <div>{text}</div>}
          {requestId && (
            <div style={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 4 }}>
              <span>
                {t("ui.error.requestId")} <code>{requestId}</code>
              </span>
              <CopyButton text={requestId} label={t("ui.error.copyRequestId")} />
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
