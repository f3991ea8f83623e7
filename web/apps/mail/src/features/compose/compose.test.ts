import { type Identity, type Invocation, JmapClient } from "@yanshu/api/jmap";
import { FakeMail, fakeSession } from "@yanshu/api/jmap/testing";
import { newQueryClient } from "@yanshu/api/query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MailStore } from "../mail/store/mailStore";
import { DraftKeeper, type SaveState } from "./DraftKeeper";
import {
  answerSubject,
  answerTo,
  type Draft,
  emailOf,
  emptyDraft,
  identityFor,
  mentionsAttachment,
  referencesOf,
} from "./draft";
import { editorHtml, htmlOfText, mailHtml, quotable, takenApart, textOfHtml, wholeHtml } from "./html";
import { seedOfMailto } from "./mailto";

const wang = { name: "王芳", email: "wang@x.test" };
const li = { name: null, email: "li@x.test" };
const me = { name: "任熙", email: "Renxi@x.test" };
const own = ["renxi@x.test"];
const emails = (list: { email: string }[]) => list.map(({ email }) => email);

test("an answer goes to the sender, to all only when asked, and never to oneself or twice", () => {
  const mail = { from: [wang], to: [me, li], cc: [wang, { name: null, email: "LI@x.test" }], replyTo: null };
  expect(emails(answerTo(mail, own, false).to)).toEqual(["wang@x.test"]);
  const all = answerTo(mail, own, true);
  expect(emails(all.to)).toEqual(["wang@x.test", "li@x.test"]);
  expect(all.cc).toEqual([]);
});

test("an answer goes where the sender wants it, and on from what one wrote oneself", () => {
  const list = { name: null, email: "list@x.test" };
  expect(emails(answerTo({ from: [wang], to: [me], cc: null, replyTo: [list] }, own, false).to)).toEqual([
    "list@x.test",
  ]);
  expect(emails(answerTo({ from: [me], to: [wang, li], cc: null, replyTo: null }, own, false).to)).toEqual([
    "wang@x.test",
    "li@x.test",
  ]);
});

test("the identity a mail came to answers it", () => {
  const identities = [
    { id: "i1", email: "renxi@x.test" },
    { id: "i2", email: "ward@x.test" },
  ] as Identity[];
  expect(identityFor(identities, { to: [{ name: null, email: "Ward@x.test" }], cc: null, from: [wang] })?.id).toBe(
    "i2",
  );
  expect(identityFor(identities, null)?.id).toBe("i1");
});

test("subjects get one mark, however often they go to and fro", () => {
  expect(answerSubject("排班", "reply")).toBe("Re: 排班");
  for (const marked of ["Re: 排班", "RE：排班", "回复: 排班", "答复：排班"])
    expect(answerSubject(marked, "reply")).toBe(marked);
  expect(answerSubject("Re: 排班", "forward")).toBe("Fwd: Re: 排班");
  expect(answerSubject(null, "forward")).toBe("Fwd: ");
});

test("references grow by the mail that is answered", () => {
  expect(referencesOf({ messageId: ["b@x"], references: ["a@x"] })).toEqual(["a@x", "b@x"]);
  expect(referencesOf({ messageId: null, references: null })).toBeNull();
});

test("a mail that speaks of an attachment and has none is noticed", () => {
  const say = (html: string, more: Partial<Draft> = {}) => mentionsAttachment({ ...emptyDraft, html, ...more });
  expect(say("<p>请见附件</p>")).toBe(true);
  expect(say("<p>Please find it attached.</p>")).toBe(true);
  expect(say("<p>见面再说</p>")).toBe(false);
  const file = { blobId: "b", name: "a.pdf", type: "application/pdf", size: 1, cid: null };
  expect(say("<p>请见附件</p>", { files: [file] })).toBe(false);
  expect(say("<p>请见附件</p>", { files: [{ ...file, cid: "x" }] })).toBe(true);
  expect(say("<p>好的</p>", { subject: "Re: 附件" })).toBe(false);
  expect(say("<p>好的</p>", { quote: { html: "<p>附件</p>", text: "附件" } })).toBe(false);
});

test("text and quotation are one mail and come apart again", () => {
  const whole = wholeHtml("<p>你好</p>", "<p>王芳 写道：</p><blockquote>原文</blockquote>");
  expect(takenApart(whole)).toEqual({
    written: "<p>你好</p>",
    quoteHtml: "<p>王芳 写道：</p><blockquote>原文</blockquote>",
  });
  expect(takenApart("<p>别处写的草稿</p>")).toEqual({ written: "<p>别处写的草稿</p>", quoteHtml: null });
});

test("nothing that acts or fetches by itself is quoted", () => {
  const hostile = `<style>p{color:red}</style><script>alert(1)</script><p onclick="x()" style="background:url(http://t.test/x)">文</p>
    <img src="http://t.test/p.gif" onerror="x()"><a href="javascript:x()">a</a><form action="/x"><input></form><iframe src="/"></iframe>
    <img src="cid:pic"><svg><script>1</script></svg>`;
  const clean = quotable(hostile);
  expect(clean).not.toMatch(/script|onclick|onerror|javascript|<form|<input|iframe|<style|svg|url\(/i);
  expect(clean).toContain("cid:pic");
});

test("the plain text says what the HTML says", () => {
  expect(
    textOfHtml(
      '<p>各位：</p><p></p><ul><li>一</li><li><b>二</b></li></ul><ol><li>甲</li></ol><blockquote><p>引文</p></blockquote><p>见 <a href="https://x.test/a">网页</a>和<a href="https://x.test">https://x.test/</a></p>',
    ),
  ).toBe("各位：\n\n- 一\n- 二\n1. 甲\n> 引文\n见 网页 <https://x.test/a>和https://x.test/");
  expect(textOfHtml(htmlOfText("第一行\n  <b>不是粗体</b>\n\n末行"))).toBe("第一行\n <b>不是粗体</b>\n\n末行");
});

test("pictures are named by their id in the mail and shown by their address in the editor", () => {
  const shown = editorHtml('<p><img src="cid:a1"><img src="cid:gone"><img src="https://t.test/x.png"></p>', (cid) =>
    cid === "a1" ? "/blob/a1" : undefined,
  );
  expect(shown).toBe('<p><img src="/blob/a1" data-cid="a1"></p>');
  expect(mailHtml(shown)).toBe('<p style="margin: 0px;"><img src="cid:a1" style="max-width: 100%;"></p>');
  expect(mailHtml("<p></p>")).toBe('<p style="margin: 0px;"><br></p>');
});

test("only pictures that stand in the text are sent along", () => {
  const file = (cid: string | null) => ({ blobId: `b${cid}`, name: "x", type: "image/png", size: 1, cid });
  const draft = { ...emptyDraft, files: [file(null), file("in"), file("out")] };
  const email = emailOf(draft, { html: '<img src="cid:in">', text: "" }, undefined, "f2") as { attachments: object[] };
  expect(email.attachments).toMatchObject([
    { disposition: "attachment", blobId: "bnull" },
    { disposition: "inline", cid: "in" },
  ]);
});

test("a link to write begins a mail with what it names and nothing else", () => {
  expect(
    seedOfMailto("mailto:a@x.test,b@x.test?subject=%E6%8E%92%E7%8F%AD&body=1+2&attach=/etc/passwd&bcc=c@x.test"),
  ).toEqual({
    kind: "new",
    to: [
      { name: null, email: "a@x.test" },
      { name: null, email: "b@x.test" },
    ],
    subject: "排班",
    text: "1+2",
  });
  expect(seedOfMailto("MAILTO:%E0%A4%A")).toMatchObject({ to: [] });
});

async function keeping() {
  const mail = new FakeMail({ name: "任熙", email: "renxi@x.test" });
  const client = new JmapClient(fakeSession, async (_, { body } = {}) =>
    structuredClone(mail.answer(body as { methodCalls: Invocation[] })),
  );
  const store = new MailStore(client, newQueryClient());
  await store.refreshMailboxes();
  const states: SaveState[] = [];
  const keeper = new DraftKeeper({
    mail: store,
    key: "k1",
    emailId: null,
    identityOf: () => mail.identities[0],
    write: (draft) => ({ html: draft.html, text: draft.html }),
    onState: (state) => states.push(state),
    onSaved: () => {},
  });
  const inRole = (role: string) =>
    [...mail.emails.values()].filter(({ mailboxIds }) => mailboxIds[mail.mailboxOf(role)]);
  const kept = () => Object.keys(localStorage).filter((key) => key.startsWith("yanshu.draft."));
  return { mail, keeper, states, inRole, kept };
}

const to = [{ ...wang, valid: true }];

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a draft is kept on this device at once and on the server a moment after the last letter", async () => {
  const { keeper, inRole, kept, states } = await keeping();
  keeper.changed({ ...emptyDraft, html: "你" });
  expect(kept()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1000);
  keeper.changed({ ...emptyDraft, html: "你好" });
  await vi.advanceTimersByTimeAsync(2000);
  expect(inRole("drafts")).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(inRole("drafts").map(({ preview }) => preview)).toEqual(["你好"]);
  expect(kept()).toHaveLength(0);
  expect(states.at(-1)).toBe("saved");
});

test("the next save takes the place of the one before", async () => {
  const { keeper, inRole } = await keeping();
  for (const html of ["一", "一二", "一二三"]) {
    keeper.changed({ ...emptyDraft, html });
    await keeper.save();
  }
  expect(inRole("drafts").map(({ preview }) => preview)).toEqual(["一二三"]);
});

test("while the server cannot be reached, the text stays on this device and what was saved stays on the server", async () => {
  const { mail, keeper, inRole, kept, states } = await keeping();
  keeper.changed({ ...emptyDraft, html: "旧" });
  await keeper.save();
  mail.failing.set("Email/set", { type: "serverUnavailable" });
  keeper.changed({ ...emptyDraft, html: "新" });
  await expect(keeper.save()).rejects.toMatchObject({ code: "server_unreachable" });
  expect(states.at(-1)).toBe("failed");
  expect(kept()).toHaveLength(1);
  expect(inRole("drafts").map(({ preview }) => preview)).toEqual(["旧"]);
  mail.failing.clear();
  await keeper.save();
  expect(inRole("drafts").map(({ preview }) => preview)).toEqual(["新"]);
  expect(kept()).toHaveLength(0);
});

test("a mail that is sent is in Sent, no draft is left, and what it answers is marked", async () => {
  const { mail, keeper, inRole, kept } = await keeping();
  const origin = mail.add({
    mailbox: "inbox",
    from: wang,
    subject: "排班",
    text: "",
    receivedAt: "2026-01-01T00:00:00Z",
  });
  const draft: Draft = { ...emptyDraft, to, html: "好的", answers: { emailId: origin.id, keyword: "$answered" } };
  keeper.changed(draft);
  await keeper.save();
  await keeper.send(draft);
  expect(inRole("drafts")).toEqual([]);
  expect(inRole("sent").map(({ keywords }) => keywords)).toEqual([{ $seen: true }]);
  expect(mail.emails.get(origin.id)?.keywords.$answered).toBe(true);
  expect(kept()).toHaveLength(0);
});

test("a mail that is refused is told and stays a draft, once", async () => {
  const { keeper, inRole } = await keeping();
  const draft = { ...emptyDraft, to: [{ name: null, email: "nobody@x.test", valid: true }], html: "好的" };
  keeper.changed(draft);
  await keeper.save();
  await expect(keeper.send(draft)).rejects.toMatchObject({
    code: "recipients_invalid",
    params: { recipients: "nobody@x.test" },
  });
  expect(inRole("drafts")).toHaveLength(1);
  expect(inRole("sent")).toHaveLength(0);
});
