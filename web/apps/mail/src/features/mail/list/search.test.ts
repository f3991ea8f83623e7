import { expect, test } from "vitest";
import { filterOf, parseSearch, piecesOf } from "./search";

const zone = "Asia/Shanghai";

test("operators are read in both languages, with either colon and with quotes", () => {
  expect(parseSearch('from:任熙 主题：“排班 通知” has:attachment is:unread 会议 "下周 一"')).toMatchObject({
    from: ["任熙"],
    subject: ["排班 通知"],
    attachment: true,
    unread: true,
    words: ["会议", "下周 一"],
  });
  expect(parseSearch("FROM:a@b.test 收件人:王芳 after:2026/1/5 早于:2026-02-01")).toMatchObject({
    from: ["a@b.test"],
    to: ["王芳"],
    after: "2026-01-05",
    before: "2026-02-01",
  });
});

test("what only looks like an operator is a word to look for", () => {
  expect(parseSearch("会议:周一 has:fun is:it after:soon http://x.test from:").words).toEqual([
    "会议:周一",
    "has:fun",
    "is:it",
    "after:soon",
    "http://x.test",
    "from:",
  ]);
  expect(parseSearch("   ").words).toEqual([]);
});

test("the filter asks for everything at once, in one folder or in all but some", () => {
  expect(filterOf(parseSearch("排班"), { mailboxId: "f1", zone })).toEqual({
    operator: "AND",
    conditions: [{ inMailbox: "f1" }, { text: "排班" }],
  });
  expect(filterOf(parseSearch("to:王芳"), { except: ["f5", "f6"], zone })).toEqual({
    operator: "AND",
    conditions: [
      { inMailboxOtherThan: ["f5", "f6"] },
      { operator: "OR", conditions: [{ to: "王芳" }, { cc: "王芳" }] },
    ],
  });
  expect(filterOf(parseSearch(""), { mailboxId: "f1", zone })).toEqual({ inMailbox: "f1" });
});

test("days begin in the organisation's time zone", () => {
  expect(filterOf(parseSearch("after:2026-01-05"), { zone })).toEqual({ after: "2026-01-04T16:00:00Z" });
});

test("a snippet is text with marks, whatever it holds", () => {
  expect(piecesOf("关于<mark>排班</mark>的 &lt;b&gt; &amp; 通知")).toEqual([
    { text: "关于", found: false },
    { text: "排班", found: true },
    { text: "的 <b> & 通知", found: false },
  ]);
  expect(piecesOf("<img src=x onerror=1>")).toEqual([{ text: "<img src=x onerror=1>", found: false }]);
});
