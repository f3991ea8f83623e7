// @vitest-environment node
import { type Invocation, JmapClient } from "@yanshu/api/jmap";
import { FakeMail, fakeSession } from "@yanshu/api/jmap/testing";
import { expect, test } from "vitest";
import { MailList } from "./mailList";
import { isStarred, isUnread } from "./rows";

const wang = { name: "王芳", email: "wangfang@example.test" };

function started(count: number) {
  const mail = new FakeMail();
  for (let at = 0; at < count; at += 1) {
    const receivedAt = new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
    mail.add({ mailbox: "inbox", from: wang, subject: `第 ${at} 封`, text: "正文", receivedAt });
  }
  let gate: Promise<void> | undefined;
  const client = new JmapClient(fakeSession, async (_, { body } = {}) => {
    const answer = structuredClone(mail.answer(body as { methodCalls: Invocation[] }));
    await gate;
    return answer;
  });
  const inbox = mail.mailboxOf("inbox");
  const list = new MailList(client, {
    filter: { inMailbox: inbox },
    collapseThreads: true,
    mailboxId: inbox,
    asideIds: [mail.mailboxOf("trash"), mail.mailboxOf("junk")],
  });
  list.subscribe(() => {});
  /** Holds the server's answers back until the returned function is called. */
  const hold = () => {
    let open = () => {};
    gate = new Promise((done) => {
      open = done;
    });
    return () => {
      gate = undefined;
      open();
    };
  };
  return { mail, list, hold };
}

const subjects = (list: MailList, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => list.rowAt(first + at)?.email.subject);

test("only what is in sight is loaded, each page once", async () => {
  const { mail, list } = started(500);
  await Promise.all([list.ensure(0, 20), list.ensure(0, 20)]);
  expect(mail.requests).toHaveLength(1);
  expect(list.getSnapshot().total).toBe(500);
  expect(subjects(list, 0, 1)).toEqual(["第 499 封", "第 498 封"]);
  expect(list.rowAt(50)).toBeUndefined();
  await list.ensure(400, 420);
  expect(subjects(list, 400, 400)).toEqual(["第 99 封"]);
  expect(mail.requests).toHaveLength(2);
});

test("a new mail comes in above", async () => {
  const { mail, list } = started(3);
  await list.ensure(0, 20);
  mail.add({ mailbox: "inbox", from: wang, subject: "新的", text: "", receivedAt: "2026-11-21T00:00:00Z" });
  await list.refresh();
  expect(subjects(list, 0, 3)).toEqual(["新的", "第 2 封", "第 1 封", "第 0 封"]);
  expect(list.getSnapshot().total).toBe(4);
});

test("who reads further down keeps what they look at", async () => {
  const { mail, list } = started(200);
  await list.ensure(120, 140);
  const shifts: number[] = [];
  list.onShift = (rows) => shifts.push(rows);
  mail.add({ mailbox: "inbox", from: wang, subject: "新的", text: "", receivedAt: "2026-11-21T00:00:00Z" });
  await list.refresh();
  expect(shifts).toEqual([1]);
  expect(subjects(list, 121, 121)).toEqual(["第 79 封"]);
});

test("a thread is one row, unread and starred when one of its mails is", async () => {
  const { mail, list } = started(1);
  const [first] = [...mail.emails.values()];
  const thread = first?.threadId ?? "";
  const reply = { mailbox: "inbox", from: wang, subject: "Re", text: "", thread, receivedAt: "2026-11-20T00:00:00Z" };
  mail.add({ ...reply, keywords: ["$seen", "$flagged"] });
  mail.add({ ...reply, mailbox: "sent", keywords: ["$seen"] });
  mail.add({ ...reply, mailbox: "trash" });
  await list.ensure(0, 20);
  const row = list.rowAt(0);
  expect(list.getSnapshot().total).toBe(1);
  expect(row?.members).toHaveLength(3);
  expect(row?.own).toHaveLength(2);
  expect(row && isUnread(row)).toBe(true);
  expect(row && isStarred(row)).toBe(true);
});

test("what was removed does not come back with an answer from before", async () => {
  const { mail, list, hold } = started(3);
  await list.ensure(0, 20);
  const gone = list.rowAt(0)?.email.id ?? "";
  const open = hold();
  const running = list.refresh();
  list.begin();
  list.remove(new Set([gone]));
  expect(subjects(list, 0, 1)).toEqual(["第 1 封", "第 0 封"]);
  open();
  await running;
  expect(subjects(list, 0, 1)).toEqual(["第 1 封", "第 0 封"]);
  mail.emails.delete(gone);
  list.settle();
  await list.refresh();
  expect(list.getSnapshot().total).toBe(2);
});

test("a keyword shows at once on the row and in its thread", async () => {
  const { list } = started(2);
  await list.ensure(0, 20);
  const id = list.rowAt(0)?.email.id ?? "";
  list.patchKeywords(new Set([id]), { $seen: true, $flagged: true });
  const row = list.rowAt(0);
  expect(row && isUnread(row)).toBe(false);
  expect(row && isStarred(row)).toBe(true);
  expect(list.rowAt(1)?.email.keywords).toEqual({});
});

test("a load that fails is told, and the next that works clears it", async () => {
  const { mail, list } = started(2);
  mail.failing.set("Email/query", { type: "serverUnavailable" });
  await list.ensure(0, 20);
  expect(list.getSnapshot().problem?.code).toBe("server_unreachable");
  mail.failing.clear();
  await list.ensure(0, 20);
  expect(list.getSnapshot()).toMatchObject({ problem: null, total: 2 });
});
