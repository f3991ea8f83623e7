import { expect, it } from "vitest";
import { changedFields, valueText } from "./auditTexts";

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

it("tells recorded values as people would", () => {
  const t = ((key: string) =>
    ({ "audit.yes": "是", "batch.separator": "、", "genders.male": "男" })[key] ?? key) as never;
  const size = (bytes: number) => `${bytes / 1024 ** 3} GB`;
  expect(valueText(t, "visible_in_directory", true, size)).toBe("是");
  expect(valueText(t, "mail_quota_bytes", 5 * 1024 ** 3, size)).toBe("5 GB");
  expect(valueText(t, "gender", "male", size)).toBe("男");
  expect(
    valueText(
      t,
      "departments",
      [
        { id: "dep_1", name: "内科", position: "技师" },
        { name: "外科", position: null },
      ],
      size,
    ),
  ).toBe("内科 技师、外科");
});
