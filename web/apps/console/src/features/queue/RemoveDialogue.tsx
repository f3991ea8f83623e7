import { useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@yanshu/api";
import { ConfirmDanger } from "@yanshu/ui";
import { Checkbox } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { QueueMessageDetails, QueueRecipient } from "../../server/types";

interface RemoveDialogueProps {
  open: boolean;
  message: QueueMessageDetails;
  waiting: readonly QueueRecipient[];
  onClose: () => void;
}

const examples = 3;

/** Asks before those who wait are given up: whom the message will not reach, and whether its sender is told. */
export function RemoveDialogue({ open, message, waiting, onClose }: RemoveDialogueProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const client = useQueryClient();
  const [tell, setTell] = useState(true);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ReturnType<typeof asProblem> | null>(null);
  useEffect(() => {
    if (!open) return;
    setTell(true);
    setProblem(null);
  }, [open]);

  const { sender } = message;
  const addresses = waiting.slice(0, examples).map((recipient) => recipient.address);
  const shown = formats.number(waiting.length);

  async function remove() {
    setBusy(true);
    setProblem(null);
    try {
      await api.removeQueueMessage({ path: { id: message.id }, query: { notify_sender: sender !== null && tell } });
      notices.done(t(sender !== null && tell ? "queue.removedAndTold" : "queue.removed"));
      onClose();
    } catch (cause) {
      setProblem(asProblem(cause));
    } finally {
      setBusy(false);
      await Promise.all(
        [api.listQueueMessages.id, api.getQueueMessage.id].map((id) => client.invalidateQueries({ queryKey: [id] })),
      );
    }
  }

  return (
    <ConfirmDanger
      open={open}
      title={t("queue.removeTitle")}
      action={t("queue.remove")}
      pending={busy}
      problem={problem}
      onConfirm={() => void remove()}
      onCancel={onClose}
    >
      <p className="queue-paragraph">{t("queue.removeHelp", { count: waiting.length, shown })}</p>
      <ul className="queue-examples">
        {addresses.map((address) => (
          <li key={address}>{address}</li>
        ))}
        {waiting.length > examples ? (
          <li className="part-quiet">
            {t("queue.removeOthers", {
              count: waiting.length - examples,
              shown: formats.number(waiting.length - examples),
            })}
          </li>
        ) : null}
      </ul>
      {waiting.some((recipient) => recipient.is_sending) ? (
        <p className="queue-paragraph">{t("queue.removeSending")}</p>
      ) : null}
      {sender === null ? (
        <p className="queue-paragraph part-quiet">{t("queue.nobodyToTell")}</p>
      ) : (
        <>
          <Checkbox
            checked={tell}
            aria-describedby="queue-tell-help"
            onChange={(event) => setTell(event.target.checked)}
          >
            {t("queue.tell", { sender })}
          </Checkbox>
          <div id="queue-tell-help" className="part-quiet queue-tell-help">
            {t("queue.tellHelp")}
          </div>
        </>
      )}
    </ConfirmDanger>
  );
}
