import { expect, test } from "vitest";
import { allMet, type PasswordRule, rulesAt } from "./password-rules";

const answer: PasswordRule[] = [
  { rule: "min_length", met: false, params: { min_length: "10" } },
  { rule: "upper", met: false, params: {} },
  { rule: "special", met: false, params: {} },
  { rule: "common", met: true, params: {} },
];
const met = (password: string) =>
  rulesAt(password, answer)
    .filter((rule) => rule.met)
    .map((rule) => rule.rule);

test("rules that need no server are told at every key stroke", () => {
  expect(met("Horse")).toEqual(["upper", "common"]);
  expect(met("Horse letter")).toEqual(["min_length", "upper", "special", "common"]);
});

test("characters count, not bytes, and a Chinese character is a sign", () => {
  expect(met("一二三四五六七八九十")).toContain("min_length");
  expect(met("雁")).toContain("special");
});

test("nothing is met before something is typed", () => {
  expect(met("")).toEqual([]);
  expect(allMet([])).toBe(false);
});
