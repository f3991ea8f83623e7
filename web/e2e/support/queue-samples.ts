import type { components } from "@yanshu/api";

type Schemas = components["schemas"];
type Recipient = Schemas["QueueRecipient"];

/** The moment the pages are looked at. */
export const queueNow = new Date("2026-11-21T06:20:00Z");

const greylisted: Schemas["QueueAnswer"] = {
  at: "2026-11-21T06:08:00Z",
  host: "mx1.elsewhere.test",
  code: 451,
  status: "4.7.1",
  text: "Greylisting in action, please come back later",
};
const noSuchUser: Schemas["QueueAnswer"] = {
  at: "2026-11-21T06:08:00Z",
  host: "mx1.elsewhere.test",
  code: 550,
  status: "5.1.1",
  text: "<nobody@elsewhere.test>: Recipient address rejected: User unknown in virtual mailbox table",
};
const taken: Schemas["QueueAnswer"] = {
  at: "2026-11-21T06:08:00Z",
  host: "mx1.elsewhere.test",
  code: 250,
  status: "2.0.0",
  text: "Ok: queued as 4XyZ9k2Qm1z",
};
const silent: Schemas["QueueAnswer"] = {
  at: "2026-11-21T05:50:00Z",
  host: null,
  code: null,
  status: "4.4.1",
  text: "no server of the destination answers",
};

export function recipient(address: string, more: Partial<Recipient> = {}): Recipient {
  return {
    address,
    state: "queued",
    is_sending: false,
    attempts: 2,
    due_at: "2026-11-21T06:25:00Z",
    finished_at: null,
    last_answer: greylisted,
    ...more,
  };
}

const over = { due_at: null, finished_at: "2026-11-21T06:08:00Z" };

/** One message to four recipients, each in another state. */
export const details: Schemas["QueueMessageDetails"] = {
  id: "sub_7",
  sender: "renxi2@example.test",
  size_bytes: 1_482_113,
  created_at: "2026-11-21T06:01:00Z",
  finished_at: null,
  recipients: [
    recipient("wang.fang@elsewhere.test", { ...over, state: "delivered", attempts: 1, last_answer: taken }),
    recipient("li.ming@elsewhere.test"),
    recipient("nobody@elsewhere.test", { ...over, state: "failed", attempts: 1, last_answer: noSuchUser }),
    recipient("purchasing-department-of-the-regional-office@hospital-suppliers.elsewhere.test", {
      attempts: 3,
      due_at: "2026-11-21T08:20:00Z",
      last_answer: silent,
    }),
    recipient("archive@elsewhere.test", { ...over, state: "removed", attempts: 1 }),
  ],
};

/** The same message after an administrator has given those up who waited. */
export const removedDetails: Schemas["QueueMessageDetails"] = {
  ...details,
  finished_at: "2026-11-21T06:21:00Z",
  recipients: details.recipients.map((one) =>
    one.state === "queued" ? { ...one, state: "removed", due_at: null, finished_at: "2026-11-21T06:21:00Z" } : one,
  ),
};

const none = { queued: 0, delivered: 0, failed: 0, expired: 0, removed: 0 };

function message(id: string, more: Partial<Schemas["QueueMessage"]>): Schemas["QueueMessage"] {
  return {
    id,
    sender: "renxi2@example.test",
    size_bytes: 48_213,
    created_at: "2026-11-21T06:01:00Z",
    finished_at: null,
    counts: { ...none, queued: 1 },
    next_recipient: recipient("li.ming@elsewhere.test"),
    ...more,
  };
}

export const messages: Schemas["QueueMessage"][] = [
  message("sub_7", {
    counts: { queued: 2, delivered: 1, failed: 1, expired: 0, removed: 1 },
    next_recipient: details.recipients[1] ?? null,
  }),
  message("sub_6", {
    sender: "wangfang@example.test",
    next_recipient: recipient("purchasing@hospital-suppliers.elsewhere.test", {
      due_at: "2026-11-21T08:20:00Z",
      last_answer: silent,
    }),
  }),
  message("sub_5", {
    next_recipient: recipient("li.ming@elsewhere.test", { is_sending: true, due_at: null, attempts: 3 }),
  }),
  message("sub_4", {
    sender: null,
    next_recipient: recipient("zhu@elsewhere.test", {
      attempts: 0,
      last_answer: null,
      due_at: "2026-11-21T06:20:00Z",
    }),
  }),
  message("sub_3", {
    finished_at: "2026-11-21T06:08:00Z",
    counts: { ...none, delivered: 512 },
    next_recipient: recipient("wang.fang@elsewhere.test", { ...over, state: "delivered", last_answer: taken }),
  }),
  message("sub_2", {
    finished_at: "2026-11-21T06:08:00Z",
    counts: { ...none, failed: 1 },
    next_recipient: recipient("nobody@elsewhere.test", { ...over, state: "failed", last_answer: noSuchUser }),
  }),
  message("sub_1", {
    finished_at: "2026-11-20T06:08:00Z",
    counts: { ...none, expired: 1 },
    next_recipient: recipient("zhu@elsewhere.test", { ...over, state: "expired", last_answer: silent }),
  }),
  message("sub_0", {
    finished_at: "2026-11-20T06:08:00Z",
    counts: { ...none, removed: 1 },
    next_recipient: recipient("archive@elsewhere.test", { ...over, state: "removed" }),
  }),
];

/** A queue of any length, a page at a time as the server gives it. */
export function messagePage(total: number, cursor: string | null, limit: number) {
  const from = cursor === null ? 0 : Number(cursor);
  const to = Math.min(total, from + limit);
  const items = Array.from({ length: to - from }, (_, at) =>
    message(`sub_${from + at}`, { next_recipient: recipient(`member${from + at}@elsewhere.test`) }),
  );
  return { items, next: to < total ? String(to) : null };
}
