import { Steps } from "antd";
import { useTranslation } from "react-i18next";
import { useNarrow } from "../../parts/useNarrow";
import type { ImportStep } from "./changeSet";

const steps: readonly ImportStep[] = ["file", "plan", "apply", "report"];

/** Where the import stands, each step named by its result. */
export function ImportSteps({ step, failed = false }: { step: ImportStep; failed?: boolean }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  return (
    <Steps
      className="import-steps"
      size="small"
      responsive={false}
      current={steps.indexOf(step)}
      status={failed ? "error" : step === "report" ? "finish" : "process"}
      items={steps.map((one) => ({
        // A phone has room for one.
        title: <span className={narrow && one !== step ? "yanshu-hidden" : undefined}>{t(`importSteps.${one}`)}</span>,
      }))}
    />
  );
}
