// @vitest-environment node
import { expect, test } from "vitest";
import { indexed, pathTo, visibleRows } from "./departments";

const departments = indexed([
  { id: "1", parent_id: null, name: "集团" },
  { id: "2", parent_id: "1", name: "总院" },
  { id: "4", parent_id: "2", name: "内科" },
  { id: "3", parent_id: "1", name: "财务处" },
]);

test("the organisation stands open, the rest as the reader opened it", () => {
  const shape = (open: string[]) =>
    visibleRows(departments, new Set(open)).map(({ department, level }) => [department.name, level]);
  expect(shape([])).toEqual([
    ["集团", 0],
    ["总院", 1],
    ["财务处", 1],
  ]);
  expect(shape(["2"])).toEqual([
    ["集团", 0],
    ["总院", 1],
    ["内科", 2],
    ["财务处", 1],
  ]);
});

test("the way to a department is known, and there is none to one that does not exist", () => {
  expect(pathTo(departments, "4").map(({ name }) => name)).toEqual(["集团", "总院", "内科"]);
  expect(pathTo(departments, "9")).toEqual([]);
});
