// @vitest-environment node

import { type Invocation, JmapClient, type KnownMailboxes } from "@yanshu/api/jmap";
import { FakeMail, fakeSession } from "@yanshu/api/jmap/testing";
import { newQueryClient } from "@yanshu/api/query";
import { expect, test } from "vitest";
import { MailStore } from "./mailStore";
import { keys } from "./queries";

const wang = { name: "王芳", email: "wangfang@example.test" };

async function started(count = 3) {
  const mail = new FakeMail();
  for (let at = 0; at < count; at += 1) {
    const receivedAt = new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
    mail.add({ mailbox: "inbox", from: wang, subject: `第 ${at} 封`, text: "正文", receivedAt });
  }
  const client = new JmapClient(fakeSession, async (_, { body } = {}) =>
    structuredClone(mail.answer(body as { methodCalls: Invocation[] })),
  );
  const queries = newQueryClient();
  const store = new MailStore(client, queries);
  await store.refreshMailboxes();
  const [inbox, trash] = [mail.mailboxOf("inbox"), mail.mailboxOf("trash")];
  const spec = { filter: { inMailbox: inbox }, collapseThreads: true, mailboxId: inbox, asideIds: [trash] };
  const list = store.list(spec);
  list.subscribe(() => {});
  await list.ensure(0, 20);
  const unread = () =>
    queries.getQueryData<KnownMailboxes>(keys.mailboxes)?.list.find(({ id }) => id === inbox)?.unreadEmails;
  return { mail, store, list, spec, inbox, trash, unread };
}

test("a mail that is read counts as read at once", async () => {
  const { mail, store, list, unread } = await started();
  const target = list.rowAt(0)?.email;
  if (target === undefined) throw new Error("no row");
  expect(unread()).toBe(3);
  const sent = store.setKeywords([target], { $seen: true });
  expect(unread()).toBe(2);
  expect(list.rowAt(0)?.email.keywords.$seen).toBe(true);
  await sent;
  expect(mail.emails.get(target.id)?.keywords.$seen).toBe(true);
});

test("nothing is sent for what is so already", async () => {
  const { mail, store, list } = await started();
  const target = list.rowAt(0)?.email;
  const before = mail.requests.length;
  await store.setKeywords(target ? [target] : [], { $seen: false });
  expect(mail.requests).toHaveLength(before);
});

test("a mail moved away leaves the list at once and comes back when it is taken back", async () => {
  const { mail, store, list, inbox, trash } = await started();
  const target = list.rowAt(1)?.email;
  if (target === undefined) throw new Error("no row");
  const moved = store.move([target], inbox, trash);
  expect(list.getSnapshot().total).toBe(2);
  await moved;
  expect(mail.emails.get(target.id)?.mailboxIds).toEqual({ [trash]: true });
  await store.restore([target]);
  expect(mail.emails.get(target.id)?.mailboxIds).toEqual({ [inbox]: true });
  await list.refresh();
  expect(list.rowAt(1)?.email.id).toBe(target.id);
});

test("a move that the server refuses is told, and the list shows the truth again", async () => {
  const { mail, store, list, inbox, trash } = await started();
  const target = list.rowAt(0)?.email;
  if (target === undefined) throw new Error("no row");
  mail.failing.set("Email/set", { type: "serverUnavailable" });
  await expect(store.move([target], inbox, trash)).rejects.toMatchObject({ code: "server_unreachable" });
  await list.refresh();
  expect(list.rowAt(0)?.email.id).toBe(target.id);
});

test("everything in a folder is done page by page, whether it leaves the folder or stays", async () => {
  const { mail, store, spec, inbox, trash } = await started(1203);
  const told: number[] = [];
  const progress = { onProgress: (done: number, total: number) => told.push(done, total) };
  const seen = (ids: string[]) => store.send(ids.map((id) => [id, { "keywords/$seen": true }]));
  expect(await store.forAll(spec, seen, { leaves: false, ...progress })).toBe(1203);
  expect(told).toEqual([500, 1203, 1000, 1203, 1203, 1203]);
  expect([...mail.emails.values()].every(({ keywords }) => keywords.$seen)).toBe(true);
  const leave = (ids: string[]) => store.send(ids.map((id) => [id, { mailboxIds: { [trash]: true } }]));
  expect(await store.forAll(spec, leave, { leaves: true, ...progress })).toBe(1203);
  expect(told.slice(6)).toEqual([500, 1203, 1000, 1203, 1203, 1203]);
  expect([...mail.emails.values()].some(({ mailboxIds }) => mailboxIds[inbox])).toBe(false);
});
