import type { StatusTone } from "@yanshu/ui";
import type { QueueMessage, QueueRecipient } from "../../server/types";

/** How it stands with a recipient or a whole message, in the words that people are shown. */
export type Standing = "sending" | "waiting" | "retrying" | "delivered" | "partly" | "failed" | "expired" | "removed";

export const standingTones: Record<Standing, { tone: StatusTone; hollow?: true }> = {
  sending: { tone: "info" },
  waiting: { tone: "info", hollow: true },
  retrying: { tone: "warning", hollow: true },
  delivered: { tone: "success" },
  partly: { tone: "warning" },
  failed: { tone: "danger" },
  expired: { tone: "danger" },
  removed: { tone: "neutral", hollow: true },
};

export function recipientStanding(
  recipient: Pick<QueueRecipient, "state" | "is_sending" | "last_answer">,
): Exclude<Standing, "partly"> {
  if (recipient.state !== "queued") return recipient.state;
  if (recipient.is_sending) return "sending";
  return recipient.last_answer === null ? "waiting" : "retrying";
}

/** Of a message as lists show it. While anybody waits it is what the next one waits for. */
export function messageStanding({ counts, next_recipient }: Pick<QueueMessage, "counts" | "next_recipient">): Standing {
  if (counts.queued > 0) return next_recipient === null ? "waiting" : recipientStanding(next_recipient);
  const missed = counts.failed + counts.expired + counts.removed;
  if (counts.delivered > 0) return missed === 0 ? "delivered" : "partly";
  if (counts.failed > 0) return "failed";
  return counts.expired > 0 ? "expired" : "removed";
}

export function recipientCount({ counts }: Pick<QueueMessage, "counts">): number {
  return counts.queued + counts.delivered + counts.failed + counts.expired + counts.removed;
}

const urgency: Record<QueueRecipient["state"], number> = { queued: 0, failed: 1, expired: 2, removed: 3, delivered: 4 };

/** Those first about whom something may have to be done; otherwise as the sender has named them. */
export function byUrgency(recipients: readonly QueueRecipient[]): QueueRecipient[] {
  return [...recipients].sort((a, b) => urgency[a.state] - urgency[b.state]);
}
