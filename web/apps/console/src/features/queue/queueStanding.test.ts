import { expect, it } from "vitest";
import type { QueueMessage, QueueRecipient } from "../../server/types";
import { byUrgency, messageStanding, recipientStanding } from "./queueStanding";

const none = { queued: 0, delivered: 0, failed: 0, expired: 0, removed: 0 };

function recipient(more: Partial<QueueRecipient> = {}): QueueRecipient {
  return {
    address: "li@elsewhere.test",
    state: "queued",
    is_sending: false,
    attempts: 0,
    due_at: "2026-11-21T06:20:00Z",
    finished_at: null,
    last_answer: null,
    ...more,
  };
}

const answer = { at: null, host: "mx.elsewhere.test", code: 451, status: "4.7.1", text: "later" };
const standing = (counts: Partial<QueueMessage["counts"]>, next_recipient: QueueRecipient | null = null) =>
  messageStanding({ counts: { ...none, ...counts }, next_recipient });

it("tells a first wait from one after a refusal", () => {
  expect(recipientStanding(recipient())).toBe("waiting");
  expect(recipientStanding(recipient({ last_answer: answer, attempts: 1 }))).toBe("retrying");
  expect(recipientStanding(recipient({ is_sending: true, last_answer: answer }))).toBe("sending");
  expect(recipientStanding(recipient({ state: "removed", last_answer: answer }))).toBe("removed");
});

it("tells of a message what its next recipient waits for, as long as one waits", () => {
  expect(standing({ queued: 1, delivered: 3 }, recipient({ last_answer: answer }))).toBe("retrying");
  expect(standing({ queued: 2 }, recipient())).toBe("waiting");
});

it("tells of a message that is over whom it reached", () => {
  expect(standing({ delivered: 2 })).toBe("delivered");
  expect(standing({ delivered: 2, failed: 1 })).toBe("partly");
  expect(standing({ failed: 1, removed: 1 })).toBe("failed");
  expect(standing({ expired: 1, removed: 1 })).toBe("expired");
  expect(standing({ removed: 1 })).toBe("removed");
});

it("puts those first about whom something may have to be done", () => {
  const named = (["delivered", "queued", "failed", "queued"] as const).map((state, at) =>
    recipient({ state, address: `${at}@elsewhere.test` }),
  );
  expect(byUrgency(named).map((one) => one.address[0])).toEqual(["1", "3", "2", "0"]);
});
