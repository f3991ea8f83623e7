import { BorderOutlined, CloseOutlined, FullscreenExitOutlined, MinusOutlined, UpOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { SaveState } from "./DraftKeeper";
import { type ComposeWindow, compose } from "./windows";

interface ComposeHeadProps {
  window: ComposeWindow;
  narrow: boolean;
  title: string;
  state: SaveState;
  onClose: () => void;
}

/** What the mail is about, whether it is saved, and what can be done with its window. */
export function ComposeHead({ window: { key, minimised, large }, narrow, title, state, onClose }: ComposeHeadProps) {
  const { t } = useTranslation();
  return (
    <div className="compose-head">
      {minimised ? (
        <button type="button" className="compose-title compose-restore" onClick={() => compose.minimise(key, false)}>
          {title}
        </button>
      ) : (
        <span className="compose-title">{title}</span>
      )}
      <span className="compose-state" role="status">
        {stateText(state, t)}
      </span>
      <Button
        type="text"
        size="small"
        icon={minimised ? <UpOutlined aria-hidden /> : <MinusOutlined aria-hidden />}
        aria-label={t(minimised ? "compose.restore" : "compose.minimise")}
        title={t(minimised ? "compose.restore" : "compose.minimise")}
        onClick={() => compose.minimise(key, !minimised)}
      />
      {!narrow && !minimised && (
        <Button
          type="text"
          size="small"
          icon={large ? <FullscreenExitOutlined aria-hidden /> : <BorderOutlined aria-hidden />}
          aria-label={t(large ? "compose.smaller" : "compose.larger")}
          title={t(large ? "compose.smaller" : "compose.larger")}
          onClick={() => compose.enlarge(key, !large)}
        />
      )}
      <Button
        type="text"
        size="small"
        icon={<CloseOutlined aria-hidden />}
        aria-label={t("compose.saveAndClose")}
        title={t("compose.saveAndClose")}
        onClick={onClose}
      />
    </div>
  );
}

function stateText(state: SaveState, t: ReturnType<typeof useTranslation>["t"]): string {
  switch (state) {
    case "saving":
      return t("compose.saving");
    case "saved":
      return t("compose.saved");
    case "failed":
      return t("compose.onDevice");
    default:
      return "";
  }
}
