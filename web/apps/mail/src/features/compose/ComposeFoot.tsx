import { ClockCircleOutlined, DeleteOutlined, PaperClipOutlined, SendOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

const SendLaterDialogue = lazy(() => import("./SendLaterDialogue"));

interface ComposeFootProps {
  sending: boolean;
  /** How far ahead a mail may be sent; 0 where the server sends at once only. */
  latestSecs: number;
  onSend: () => void;
  onSendLater: (at: Date) => void;
  onFiles: (files: File[]) => void;
  onDiscard: () => void;
}

/** What ends the writing, and what adds to it. */
export function ComposeFoot({ sending, latestSecs, onSend, onSendLater, onFiles, onDiscard }: ComposeFootProps) {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  const [choosing, setChoosing] = useState(false);
  return (
    <div className="compose-foot">
      <Button
        type="primary"
        icon={<SendOutlined aria-hidden />}
        loading={sending}
        title={t("compose.sendKeys")}
        onClick={onSend}
      >
        {t("compose.send")}
      </Button>
      {latestSecs > 60 && (
        <Button
          type="text"
          icon={<ClockCircleOutlined aria-hidden />}
          disabled={sending}
          aria-label={t("compose.sendLater")}
          title={t("compose.sendLater")}
          onClick={() => setChoosing(true)}
        />
      )}
      <Button
        type="text"
        icon={<PaperClipOutlined aria-hidden />}
        aria-label={t("compose.attach")}
        title={t("compose.attach")}
        onClick={() => file.current?.click()}
      />
      <input
        ref={file}
        type="file"
        multiple
        hidden
        aria-label={t("compose.attach")}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <span style={{ flex: 1 }} />
      <Button
        type="text"
        icon={<DeleteOutlined aria-hidden />}
        aria-label={t("compose.discard")}
        title={t("compose.discard")}
        onClick={onDiscard}
      />
      {choosing && (
        <Suspense>
          <SendLaterDialogue
            latestSecs={latestSecs}
            onClose={() => setChoosing(false)}
            onChosen={(at) => {
              setChoosing(false);
              onSendLater(at);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}
