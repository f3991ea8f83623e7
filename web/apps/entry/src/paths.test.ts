import { expect, test } from "vitest";
import { codeInPath, safeNext } from "./paths";

test("after signing in the way leads to the page that was asked for", () => {
  expect(safeNext("?next=%2Faccount%2Fsecurity")).toBe("/account/security");
  expect(safeNext("?next=/mail/inbox?q=1")).toBe("/mail/inbox?q=1");
});

test.each([
  "?next=//evil.test",
  "?next=https://evil.test/",
  "?next=/\\evil.test",
  "?next=javascript:alert(1)",
  "?next=/login",
  "?next=/o/x",
  "",
])("%s leads to the inbox instead", (search) => expect(safeNext(search)).toBe("/mail/inbox"));

test("the organisation code stands in the address", () => {
  expect(codeInPath("/o/kangning")).toBe("kangning");
  expect(codeInPath("/o/kangning/")).toBe("kangning");
  expect(codeInPath("/o/%E0%A4%A")).toBeNull();
  expect(codeInPath("/login")).toBeNull();
});
