// @vitest-environment node
import { expect, test } from "vitest";
import { missingPages, withoutIds, withWindow } from "./positions";

const list = (...ids: string[]) => new Map(ids.map((id, at) => [at, id]));

test("what stood below a removed row moves up, gaps included", () => {
  const positions = new Map([
    [0, "a"],
    [1, "b"],
    [2, "c"],
    [900, "x"],
  ]);
  const { positions: next, removed } = withoutIds(positions, new Set(["b", "never"]));
  expect(removed).toBe(1);
  expect([...next]).toEqual([
    [0, "a"],
    [1, "c"],
    [899, "x"],
  ]);
});

test("a window takes the place of what was there; an id stands in one place only", () => {
  expect([...withWindow(list("a", "b", "c"), 0, ["new", "a"], true)].sort()).toEqual([
    [0, "new"],
    [1, "a"],
    [2, "c"],
  ]);
  expect([...withWindow(list("a", "b"), 10, ["k"], false)]).toEqual([[10, "k"]]);
});

test("only pages with something unknown are asked for, none beyond the end", () => {
  expect(missingPages(list("a", "b"), 0, 5, null, 4)).toEqual([0, 1]);
  expect(missingPages(list("a", "b", "c", "d"), 0, 5, 4, 4)).toEqual([]);
  expect(missingPages(list("a", "b", "c", "d"), 2, 9, 7, 4)).toEqual([1]);
  expect(missingPages(new Map(), 0, 9, 0, 4)).toEqual([]);
});
