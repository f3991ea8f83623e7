import { CloseOutlined } from "@ant-design/icons";
import { asProblem } from "@yanshu/api";
import { ErrorState } from "@yanshu/ui";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBeginning } from "./useBeginning";
import { Writing } from "./Writing";
import { type ComposeWindow, compose } from "./windows";

export interface ViewProps {
  window: ComposeWindow;
  narrow: boolean;
  hidden: boolean;
}

/** One window: loads what it begins with, then writes. */
export function ComposeWindowView(props: ViewProps) {
  const { t } = useTranslation();
  const { key, minimised } = props.window;
  // Saving gives the window another draft to be known by; it goes on as it began.
  const [seed] = useState(props.window.seed);
  const beginning = useBeginning(seed);
  const label = beginning.data?.draft.subject || t("compose.newMail");

  if (beginning.data !== undefined) return <Writing {...props} {...beginning.data} />;
  return (
    <section className="compose" aria-label={label} data-minimised={minimised || undefined} hidden={props.hidden}>
      <div className="compose-head">
        <span className="compose-title">{t("compose.newMail")}</span>
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("compose.close")}
          onClick={() => compose.close(key)}
        />
      </div>
      <div className="compose-waiting">
        {beginning.error !== null ? (
          <ErrorState
            problem={asProblem(beginning.error)}
            title={t("compose.notOpened")}
            onRetry={() => void beginning.refetch()}
          />
        ) : (
          <div role="status" aria-busy="true">
            <span className="yanshu-hidden">{t("reading.loading")}</span>
            {[90, 70, 84, 40].map((width) => (
              <div key={width} className="bone" style={{ width: `${width}%`, marginBlock: 16 }} />
            ))}
          </div>
        )}
      </div>
    </section>
  );
}
