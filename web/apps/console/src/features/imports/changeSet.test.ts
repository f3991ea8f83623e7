import { describe, expect, it } from "vitest";
import type { ImportRow } from "../../server/types";
import {
  changeCell,
  isBusy,
  keepMended,
  looseErrors,
  percent,
  rowsToApply,
  rowsToMend,
  secondsLeft,
  stepOf,
  tiles,
  withKept,
} from "./changeSet";

const summary = { create: 286, update: 9, move: 3, unchanged: 0, conflict: 4, error: 11 };

function row(part: Partial<ImportRow>): ImportRow {
  return {
    row_number: 4,
    outcome: "create",
    cells: [],
    values: {},
    errors: [],
    changes: {},
    member_id: null,
    result: null,
    ...part,
  };
}

describe("the change set of an import", () => {
  it("says how many people will be imported and how many rows wait", () => {
    expect(rowsToApply(summary)).toBe(298);
    expect(rowsToMend(summary)).toBe(15);
  });

  it("offers only those tiles as filters that have rows", () => {
    expect(
      tiles(summary)
        .filter((tile) => !tile.selectable)
        .map((tile) => tile.outcome),
    ).toEqual(["unchanged"]);
  });

  it("shows old and new of a changed cell, and no arrow where nothing changed", () => {
    const changed = row({
      outcome: "update",
      changes: { mobile: ["+8613900000000", "+8613911111111"], position: ["技师", "技师"] },
      values: { mobile: "+8613911111111" },
    });
    expect(changeCell(changed, "mobile", 0)).toEqual({ value: "+8613911111111", old: "+8613900000000", errors: [] });
    expect(changeCell(changed, "position", 1).old).toBeUndefined();
  });

  it("shows a wrong cell as it stood in the file, with what is wrong", () => {
    const wrong = row({
      outcome: "error",
      cells: ["任熙", "1390000"],
      values: { name: "任熙" },
      errors: [{ column: "mobile", code: "mobile_invalid", params: {} }],
    });
    expect(changeCell(wrong, "mobile", 1)).toEqual({ value: "1390000", old: undefined, errors: wrong.errors });
    expect(changeCell(wrong, "name", 0)).toEqual({ value: "任熙", old: undefined, errors: [] });
  });

  it("keeps errors of columns the file lacks for the row's end", () => {
    const wrong = row({ errors: [{ column: "mobile", code: "mobile_missing", params: {} }] });
    expect(looseErrors(wrong, new Set(["name"]))).toHaveLength(1);
    expect(looseErrors(wrong, new Set(["mobile"]))).toHaveLength(0);
  });

  it("knows the step from the state, so that the page can be left and come back to", () => {
    expect((["planning", "planned", "applying", "applied", "undone"] as const).map(stepOf)).toEqual([
      "file",
      "plan",
      "apply",
      "report",
      "report",
    ]);
    expect(isBusy("applying")).toBe(true);
    expect(isBusy("planned")).toBe(false);
  });

  it("never claims to be done before it is", () => {
    expect(percent(999, 1000)).toBe(99);
    expect(percent(1000, 1000)).toBe(100);
    expect(percent(5, null)).toBe(0);
  });

  it("tells the time left once there is a pace", () => {
    expect(secondsLeft(0, 100, 0, 10_000)).toBeUndefined();
    expect(secondsLeft(50, 100, 0, 10_000)).toBe(10);
  });

  it("keeps a mended row in its place when the filter no longer lists it, and shows it once when it does", () => {
    const wrong = [row({ row_number: 4, outcome: "error" }), row({ row_number: 9, outcome: "error" })];
    const mended = row({ row_number: 6 });
    const kept = keepMended(new Map(), mended);
    expect(withKept(wrong, kept)).toEqual([wrong[0], mended, wrong[1]]);
    const listed = [...wrong, row({ row_number: 6, outcome: "error" })];
    expect(withKept(listed, kept).filter((one) => one.row_number === 6)).toEqual([listed[2]]);
  });

  it("lets go of mended rows that the next mend may have changed", () => {
    const same = row({ row_number: 4, values: { mobile: "+8613900000000" } });
    const other = row({ row_number: 5, values: { mobile: "+8613911111111", mail_prefix: "" } });
    const wrong = row({ row_number: 6, errors: [{ column: "mobile", code: "mobile_duplicate_in_file", params: {} }] });
    const kept = new Map([same, other, wrong].map((one) => [one.row_number, one]));
    const mended = row({ row_number: 7, values: { mobile: "+8613900000000", mail_prefix: "" } });
    expect([...keepMended(kept, mended).keys()]).toEqual([5, 7]);
  });
});
