// One session of ImapFlow: node imapflow_session.mjs HOST PORT USER PASSWORD
//
// Under TLS by STARTTLS: folders in Chinese, mail in UTF-8 and GBK, what another connection does told as it happens, searches, flags, copies, moves and deletions,
// QRESYNC and CONDSTORE switched on. Ends with "ok"; anything unexpected is an error.
import assert from "node:assert/strict";
import { ImapFlow } from "imapflow";

const [host, port, user, pass] = process.argv.slice(2);
const connect = async () => {
  const client = new ImapFlow({ host, port: Number(port), secure: false, auth: { user, pass }, tls: { rejectUnauthorized: false }, logger: false, qresync: true });
  await client.connect();
  return client;
};

const gbk = Buffer.concat([
  Buffer.from("Subject: =?gbk?B?xcWw4LHt?=\r\nFrom: a@elsewhere.test\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"),
  Buffer.from([0xc7, 0xeb, 0xb2, 0xe9, 0xca, 0xd5, 0x0d, 0x0a]),
]);
const utf8 = Buffer.from("Subject: 会议 🪿\r\nFrom: b@elsewhere.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n雁书已到。\r\n");

const [client, other] = [await connect(), await connect()];
assert.ok(client.secureConnection, "STARTTLS was not used");
assert.ok(client.capabilities.has("OBJECTID") && client.enabled.has("CONDSTORE"), [...client.enabled].join(" "));

const made = await client.mailboxCreate(["项目资料", "二〇二六"]);
assert.equal(made.path, "项目资料/二〇二六");
const listed = await client.list({ statusQuery: { messages: true, unseen: true } });
assert.ok(listed.some((mailbox) => mailbox.path === "项目资料/二〇二六" && mailbox.status.messages === 0));
assert.equal(listed.find((mailbox) => mailbox.specialUse === "\\Trash").path, "Trash");

const watching = await other.getMailboxLock("项目资料/二〇二六");
const told = new Promise((resolve) => other.on("exists", (news) => news.count === 2 && resolve(news)));
const idling = other.idle();
const lock = await client.getMailboxLock("项目资料/二〇二六");
const first = await client.append("项目资料/二〇二六", gbk, ["\\Flagged"]);
const second = await client.append("项目资料/二〇二六", utf8, ["$Work"]);
assert.deepEqual([first.uid, second.uid], [1, 2]);
assert.equal((await told).path, "项目资料/二〇二六");
watching.release();

assert.deepEqual(await client.search({ subject: "排班" }, { uid: true }), [1]);
assert.deepEqual(await client.search({ body: "雁书" }, { uid: true }), [2]);
assert.deepEqual(await client.search({ keyword: "$Work" }, { uid: true }), [2]);
const whole = await client.fetchOne("1", { uid: true, source: true, envelope: true, flags: true, bodyStructure: true, threadId: true }, { uid: true });
assert.deepEqual(whole.source, gbk);
assert.equal(whole.envelope.subject, "排班表");
assert.ok(whole.flags.has("\\Flagged") && whole.emailId && whole.threadId);
const part = await client.download("2", "1", { uid: true });
let text = "";
for await (const chunk of part.content) text += chunk;
assert.equal(text.trim(), "雁书已到。");

assert.ok(await client.messageFlagsAdd("1:*", ["\\Seen"], { uid: true }));
assert.equal((await client.status("项目资料/二〇二六", { unseen: true })).unseen, 0);
const copied = await client.messageCopy("1", "Archive", { uid: true });
assert.equal(copied.uidMap.size, 1);
const moved = await client.messageMove("2", "项目资料", { uid: true });
assert.equal(moved.uidMap.get(2), 1);
assert.ok(await client.messageDelete("1", { uid: true }));
assert.equal(client.mailbox.exists, 0);
lock.release();

await client.mailboxClose();
await other.mailboxClose();
await idling;
assert.equal((await client.mailboxRename("项目资料", "归档")).newPath, "归档");
await client.mailboxDelete("归档/二〇二六");
await client.mailboxDelete("归档");
assert.ok(!(await client.list()).some((mailbox) => mailbox.path.startsWith("归档")));
await other.logout();
await client.logout();
console.log("ok");
