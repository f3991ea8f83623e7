// @vitest-environment node
import { expect, test } from "vitest";
import { addressText, nameOf, parseRecipients, withoutRepeats } from "./addresses";

const read = (text: string) => parseRecipients(text).map(({ name, email, valid }) => [name, email, valid]);

test("recipients are read as people separate them", () => {
  expect(read("a@x.test，b@x.test；c@x.test、d@x.test\ne@x.test")).toEqual(
    ["a", "b", "c", "d", "e"].map((name) => [null, `${name}@x.test`, true]),
  );
  expect(read("a@x.test b@x.test")).toEqual([
    [null, "a@x.test", true],
    [null, "b@x.test", true],
  ]);
});

test("a name may hold what separates others", () => {
  expect(read('"Li, Wei" <wei@x.test>, 任熙 <renxi@x.test>')).toEqual([
    ["Li, Wei", "wei@x.test", true],
    ["任熙", "renxi@x.test", true],
  ]);
  expect(read("欧阳 娜娜 <nana@x.test>")).toEqual([["欧阳 娜娜", "nana@x.test", true]]);
});

test("what is no address is kept and marked", () => {
  expect(read("王芳, wang@, x@@y, ren＠x.test")).toEqual([
    [null, "王芳", false],
    [null, "wang@", false],
    [null, "x@@y", false],
    [null, "ren@x.test", true],
  ]);
  expect(read("  ,; ")).toEqual([]);
});

test("an address is written so that it is read as the same", () => {
  for (const address of [
    { name: "Li, Wei", email: "wei@x.test" },
    { name: 'Wei "Leo" Li', email: "wei@x.test" },
    { name: "任熙", email: "renxi@x.test" },
    { name: null, email: "a@x.test" },
  ]) {
    expect(parseRecipients(addressText(address))).toEqual([{ ...address, valid: true }]);
  }
});

test("people are called by name, and each address counts once", () => {
  expect(nameOf({ name: " ", email: "renxi@x.test" })).toBe("renxi");
  expect(
    withoutRepeats([
      { name: "A", email: "a@X.test" },
      { name: null, email: "A@x.test" },
    ]),
  ).toHaveLength(1);
});
