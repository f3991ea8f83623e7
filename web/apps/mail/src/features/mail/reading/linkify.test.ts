// @vitest-environment node
import { expect, test } from "vitest";
import { linkify, withoutQuote } from "./linkify";

const links = (text: string) => linkify(text).flatMap(({ href }) => href ?? []);

test("addresses are recognised where Chinese text follows at once", () => {
  expect(linkify("请看https://example.test/排班？谢谢")).toEqual([
    { text: "请看" },
    { text: "https://example.test/", href: "https://example.test/" },
    { text: "排班？谢谢" },
  ]);
  expect(links("网址 www.example.test，邮箱renxi@example.test。")).toEqual([
    "https://www.example.test",
    "mailto:renxi@example.test",
  ]);
});

test("punctuation around an address is not part of it", () => {
  expect(links("(see https://x.test/a_(b)). And https://x.test/c?d=1&e=2, too")).toEqual([
    "https://x.test/a_(b)",
    "https://x.test/c?d=1&e=2",
  ]);
});

test("nothing but web and mail addresses becomes a link", () => {
  expect(links("javascript:alert(1) data:text/html,x ftp://x.test file:///etc 10.5 a@b")).toEqual([]);
  expect(linkify("")).toEqual([]);
});

test("what a reply quotes at its end is set apart, with the line that says who wrote it", () => {
  expect(withoutQuote("好的。\n\n任熙 于 11月20日 写道：\n> 排班表\n> 见附件\n")).toEqual({
    text: "好的。",
    quote: "任熙 于 11月20日 写道：\n> 排班表\n> 见附件",
  });
  expect(withoutQuote("> 只有引用")).toEqual({ text: "> 只有引用", quote: "" });
  expect(withoutQuote("> 先引用\n后回答").quote).toBe("");
});
