import { expect, it } from "vitest";
import { changedFields } from "./auditTexts";

it("shows only the fields that differ, also those that came or went", () => {
  expect(
    changedFields({ name: "任熙", position: "技师" }, { name: "任熙", position: "主任", mobile: "+86139" }),
  ).toEqual([
    { field: "position", before: "技师", after: "主任" },
    { field: "mobile", before: null, after: "+86139" },
  ]);
});

it("takes a creation for fields that were empty before", () => {
  expect(changedFields(null, { name: "任熙" })).toEqual([{ field: "name", before: null, after: "任熙" }]);
});
