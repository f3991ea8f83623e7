import { DeleteOutlined, RedoOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { keyOf, q } from "@yanshu/api/query";
import { CopyButton, LoadingSkeleton } from "@yanshu/ui";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { useFormats } from "../../parts/useFormats";
import { useNarrow } from "../../parts/useNarrow";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { QueueMessageDetails, QueueRecipient } from "../../server/types";
import { AnswerText, DueTime, StandingTag } from "./QueueParts";
import { byUrgency, recipientStanding } from "./queueStanding";
import { RemoveDialogue } from "./RemoveDialogue";

interface QueueDrawerProps {
  id: string | undefined;
  now: Date;
  onClose: () => void;
}

/** One message: what can be done with it, and how it stands with every recipient. */
export function QueueDrawer({ id, now, onClose }: QueueDrawerProps) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const message = useQuery({ ...q(api.getQueueMessage, { path: { id: id ?? "" } }), enabled: id !== undefined });
  return (
    <Drawer open={id !== undefined} size={narrow ? "100%" : 640} title={t("queue.one")} onClose={onClose}>
      {id === undefined ? null : message.data !== undefined ? (
        <Message key={id} message={message.data} now={now} />
      ) : message.isError ? (
        <Failed problem={message.error} title={t("queue.notLoaded")} retry={() => void message.refetch()} />
      ) : (
        <LoadingSkeleton rows={8} />
      )}
    </Drawer>
  );
}

function Message({ message, now }: { message: QueueMessageDetails; now: Date }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const waiting = message.recipients.filter((recipient) => recipient.state === "queued");
  const path = { id: message.id };
  const over = waiting.length === 0 ? t("queue.nobodyWaits") : undefined;
  const allSending = waiting.every((recipient) => recipient.is_sending) ? t("queue.sendingNow") : undefined;

  async function retry() {
    setBusy(true);
    try {
      client.setQueryData(keyOf(api.getQueueMessage, { path }), await api.retryQueueMessage({ path }));
      notices.done(t("queue.retried"));
    } catch (cause) {
      notices.failed(cause);
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: [api.listQueueMessages.id] });
    }
  }

  return (
    <>
      <div className="part-row queue-actions">
        <GuardedButton
          needs="manage_queue"
          type="primary"
          icon={<RedoOutlined aria-hidden />}
          loading={busy}
          reason={over ?? allSending}
          onClick={() => void retry()}
        >
          {t("queue.retry")}
        </GuardedButton>
        <GuardedButton
          needs="manage_queue"
          danger
          icon={<DeleteOutlined aria-hidden />}
          reason={over}
          onClick={() => setRemoving(true)}
        >
          {t("queue.remove")}
        </GuardedButton>
      </div>
      <dl className="part-facts">
        <dt>{t("queue.sender")}</dt>
        <dd>{message.sender ?? t("queue.notice")}</dd>
        <dt>{t("queue.created")}</dt>
        <dd>{formats.time(message.created_at)}</dd>
        {message.finished_at === null ? null : (
          <>
            <dt>{t("queue.over")}</dt>
            <dd>{formats.time(message.finished_at)}</dd>
          </>
        )}
        <dt>{t("queue.size")}</dt>
        <dd>{formats.size(message.size_bytes)}</dd>
        <dt>{t("queue.id")}</dt>
        <dd className="part-row">
          <span className="part-mono">{message.id}</span>
          <CopyButton text={message.id} label={t("queue.copyId")} />
        </dd>
      </dl>
      <Recipients recipients={message.recipients} now={now} />
      <RemoveDialogue open={removing} message={message} waiting={waiting} onClose={() => setRemoving(false)} />
    </>
  );
}

const firstShown = 50;

function Recipients({ recipients, now }: { recipients: readonly QueueRecipient[]; now: Date }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [shown, setShown] = useState(firstShown);
  const left = recipients.length - shown;
  return (
    <section aria-labelledby="queue-recipients">
      <h2 id="queue-recipients" className="queue-heading">
        {t("queue.recipientsCount", { count: recipients.length, shown: formats.number(recipients.length) })}
      </h2>
      <ul className="part-list">
        {byUrgency(recipients)
          .slice(0, shown)
          .map((recipient) => (
            <li key={recipient.address}>
              <Recipient recipient={recipient} now={now} />
            </li>
          ))}
      </ul>
      {left > 0 ? (
        <Button block onClick={() => setShown((before) => before + firstShown * 4)}>
          {t("queue.moreRecipients", { count: left, shown: formats.number(left) })}
        </Button>
      ) : null}
    </section>
  );
}

function Recipient({ recipient, now }: { recipient: QueueRecipient; now: Date }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <>
      <div className="card-top">
        <strong>{recipient.address}</strong>
        <StandingTag standing={recipientStanding(recipient)} />
      </div>
      {recipient.last_answer === null ? null : <AnswerText answer={recipient.last_answer} />}
      <div className="queue-recipient-times">
        {recipient.due_at === null ? null : (
          <span>
            <span className="part-quiet">{t("queue.next")}</span> <DueTime at={recipient.due_at} now={now} />
          </span>
        )}
        <span className="part-quiet">
          {t("queue.attempts", { count: recipient.attempts, shown: formats.number(recipient.attempts) })}
          {recipient.last_answer?.at ? t("queue.lastAt", { time: formats.time(recipient.last_answer.at) }) : null}
        </span>
      </div>
    </>
  );
}
