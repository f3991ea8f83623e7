// @vitest-environment node
import { expect, test, vi } from "vitest";
import { ApiProblem } from "../problem";
import { Batch, expand, fetchMailboxes, JmapClient, merged, onOwnOrigin, refreshMailboxes, statesIn } from ".";
import { requestProblem, setProblem } from "./problem";
import { accountId, FakeMail, fakeSession } from "./testing";
import type { Invocation, Mailbox } from "./types";

function clientOf(mail: FakeMail, session = fakeSession) {
  return new JmapClient(session, async (_, { body } = {}) => mail.answer(body as { methodCalls: Invocation[] }));
}

const hello = {
  mailbox: "inbox",
  from: { name: "王芳", email: "wangfang@example.test" },
  subject: "排班",
  text: "各位同事",
  receivedAt: "2026-11-21T01:42:00Z",
};

test("calls of one breath travel in one request, and each gets its own answer", async () => {
  const mail = new FakeMail();
  const client = clientOf(mail);
  const [mailboxes, identities] = await Promise.all([
    client.call("Mailbox/get", { ids: null }),
    client.call("Identity/get", { ids: null }),
  ]);
  expect(mail.requests).toHaveLength(1);
  expect(mailboxes.list).toHaveLength(6);
  expect(identities.list[0]?.email).toBe("renxi2@example.test");
});

test("more calls than a request may hold go in several", async () => {
  const mail = new FakeMail();
  const core = { ...fakeSession.capabilities["urn:ietf:params:jmap:core"], maxCallsInRequest: 2 };
  const session = { ...fakeSession, capabilities: { "urn:ietf:params:jmap:core": core } } as typeof fakeSession;
  const client = clientOf(mail, session);
  await Promise.all([1, 2, 3, 4, 5].map(() => client.call("Identity/get", { ids: null })));
  expect(mail.requests.map((calls) => calls.length)).toEqual([2, 2, 1]);
});

test("a call that fails fails alone", async () => {
  const mail = new FakeMail();
  mail.failing.set("Identity/get", { type: "serverUnavailable" });
  const client = clientOf(mail);
  const [mailboxes, identities] = await Promise.allSettled([
    client.call("Mailbox/get", { ids: null }),
    client.call("Identity/get", { ids: null }),
  ]);
  expect(mailboxes.status).toBe("fulfilled");
  expect(identities).toMatchObject({ status: "rejected", reason: { code: "server_unreachable" } });
});

test("a request that fails fails all its calls", async () => {
  const down = vi.fn().mockRejectedValue(new ApiProblem({ code: "network_unreachable", status: 0 }));
  const client = new JmapClient(fakeSession, down);
  const both = [client.call("Mailbox/get", { ids: null }), client.call("Identity/get", { ids: null })];
  for (const each of await Promise.allSettled(both)) {
    expect(each).toMatchObject({ status: "rejected", reason: { code: "network_unreachable" } });
  }
});

test("a later call refers to what an earlier one answers", async () => {
  const mail = new FakeMail();
  const email = mail.add(hello);
  const batch = new Batch();
  const query = batch.add("Email/query", { accountId, filter: { inMailbox: mail.mailboxOf("inbox") } });
  const emails = batch.add("Email/get", { accountId, "#ids": query.ref("/ids"), properties: ["subject", "threadId"] });
  const threads = batch.add("Thread/get", { accountId, "#ids": emails.ref("/list/*/threadId") });
  expect(batch.invocations[1]?.[1]).toEqual({
    accountId,
    "#ids": { resultOf: "c0", name: "Email/query", path: "/ids" },
    properties: ["subject", "threadId"],
  });
  await clientOf(mail).send(batch);
  expect(emails.answer().list).toEqual([{ id: email.id, subject: "排班", threadId: email.threadId }]);
  expect(threads.answer().list).toEqual([{ id: email.threadId, emailIds: [email.id] }]);
});

test("what a method answers besides, under the same id, is not taken for its answer", () => {
  const batch = new Batch();
  const submitted = batch.add("EmailSubmission/set", { accountId, create: {} });
  batch.settle([
    ["Email/set", { updated: { m1: null } }, "c0"],
    ["EmailSubmission/set", { created: { s: { id: "s1" } } }, "c0"],
  ]);
  expect(submitted.answer().created).toEqual({ s: { id: "s1" } });
});

test("a call without an answer is a failure of the server", () => {
  const call = new Batch().add("Mailbox/get", { accountId });
  expect(call.problem()?.code).toBe("internal_error");
  expect(() => call.answer()).toThrow(ApiProblem);
});

test("mailboxes are brought up to date by their changes", async () => {
  const mail = new FakeMail();
  const client = clientOf(mail);
  const known = await fetchMailboxes(client);
  mail.add(hello);
  const fresh = await refreshMailboxes(client, known);
  expect(fresh.state).toBe(String(mail.state));
  expect(fresh.list.find(({ role }) => role === "inbox")?.unreadEmails).toBe(1);
  expect(mail.requests.at(-1)?.map(([name]) => name)).toEqual(["Mailbox/changes", "Mailbox/get", "Mailbox/get"]);
});

test("mailboxes are read anew when the server cannot tell what changed", async () => {
  const mail = new FakeMail();
  const client = clientOf(mail);
  const known = await fetchMailboxes(client);
  mail.failing.set("Mailbox/changes", { type: "cannotCalculateChanges" });
  mail.addMailbox("项目");
  expect((await refreshMailboxes(client, known)).list.map(({ name }) => name)).toContain("项目");
});

test("a change of counts leaves the rest of a mailbox as it was", () => {
  const inbox = { id: "f1", name: "Inbox", unreadEmails: 1 } as Mailbox;
  const other = { id: "f2", name: "项目", unreadEmails: 0 } as Mailbox;
  expect(merged([inbox, other], [], [{ id: "f1", unreadEmails: 4 }], ["f2"])).toEqual([{ ...inbox, unreadEmails: 4 }]);
});

test("addresses are filled in, escaped, and stay on the page's own origin", () => {
  expect(expand("/d/{accountId}/{name}?type={type}", { accountId: "a", name: "排班 1/2.pdf", type: "a/b" })).toBe(
    "/d/a/%E6%8E%92%E7%8F%AD%201%2F2.pdf?type=a%2Fb",
  );
  expect(onOwnOrigin("http://inside:8080/jmap?x={types}")).toBe("/jmap?x={types}");
  expect(onOwnOrigin("/jmap")).toBe("/jmap");
});

test("an account without mail has no client", () => {
  expect(() => new JmapClient({ ...fakeSession, primaryAccounts: {} })).toThrow("mail_account_not_found");
});

test("problems of a whole request keep our code, or get one by the RFC's type", () => {
  expect(requestProblem(503, { type: "about:blank", code: "store_full" }, null).code).toBe("store_full");
  const limit = { type: "urn:ietf:params:jmap:error:limit", limit: "maxSizeRequest", status: 400 };
  expect(requestProblem(400, limit, null).code).toBe("body_too_large");
  expect(requestProblem(400, { ...limit, limit: "maxConcurrentRequests" }, null).code).toBe("too_many_requests");
  expect(requestProblem(401, { type: "about:blank" }, null).isSignedOut).toBe(true);
});

test("an object's error is told by the server's code where its type says too little", () => {
  const unproven = { type: "forbidden", code: "sender_domain_not_verified", params: { domain: "example.test" } };
  expect(setProblem(unproven)).toMatchObject({
    code: "sender_domain_not_verified",
    params: { domain: "example.test" },
  });
  expect(setProblem({ type: "forbidden" }).code).toBe("forbidden");
  expect(setProblem({ type: "notFound", code: "anything" }).code).toBe("mail_gone");
});

test("only our own account's states are taken from a push", () => {
  const push = { "@type": "StateChange", changed: { [accountId]: { Email: "7" }, acc_2: { Email: "9" } } };
  expect(statesIn(JSON.stringify(push), accountId)).toEqual({ Email: "7" });
  expect(statesIn(JSON.stringify({ ...push, changed: { acc_2: {} } }), accountId)).toBeNull();
  expect(statesIn("broken", accountId)).toBeNull();
});
