import { expect, it } from "vitest";
import { moveField, usualExportFields } from "./exportFields";

it("moves a column by one place and leaves the ends alone", () => {
  expect(moveField(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
  expect(moveField(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
  expect(moveField(["a", "b", "c"], 0, -1)).toEqual(["a", "b", "c"]);
  expect(moveField(["a", "b", "c"], 2, 1)).toEqual(["a", "b", "c"]);
});

it("ticks the eight attributes of a completeness check to begin with", () => {
  expect(usualExportFields).toEqual([
    "name",
    "gender",
    "mobile",
    "office_phone",
    "position",
    "address",
    "department",
    "state",
  ]);
});
