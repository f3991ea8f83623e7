import { describe, expect, it } from "vitest";
import type { Department } from "../../server/types";
import { ancestry, canMove, indexDepartments, pathText, placeOf, visibleRows } from "./departmentIndex";

function department(id: string, parent: string | null, name: string, sort_order = 0): Department {
  return {
    id,
    parent_id: parent,
    name,
    identifier: id,
    sort_order,
    member_limit: null,
    member_count: 0,
    subtree_count: 0,
    not_activated_count: 0,
    leaders: [],
  };
}

const index = indexDepartments([
  department("root", null, "康宁集团"),
  department("east", "root", "东院区", 2),
  department("main", "root", "总院", 1),
  department("inner", "main", "内科"),
  department("heart", "inner", "心血管内科"),
]);

describe("the department tree", () => {
  it("shows the root open and the rest as the reader left it, in the organisation's order", () => {
    expect(visibleRows(index, new Set(), "").map((row) => row.node.id)).toEqual(["root", "main", "east"]);
    expect(visibleRows(index, new Set(["main"]), "").map((row) => [row.node.id, row.level])).toEqual([
      ["root", 1],
      ["main", 2],
      ["inner", 3],
      ["east", 2],
    ]);
  });

  it("opens the way to what is searched for and hides the rest", () => {
    expect(visibleRows(index, new Set(), "心血管").map((row) => row.node.id)).toEqual([
      "root",
      "main",
      "inner",
      "heart",
    ]);
    expect(visibleRows(index, new Set(), "nothing like it")).toHaveLength(1);
  });

  it("writes paths below the root", () => {
    expect(pathText(index, "heart")).toBe("总院 / 内科 / 心血管内科");
    expect(pathText(index, "root")).toBe("康宁集团");
    expect(ancestry(index, "gone")).toEqual([]);
  });

  it("never moves a department under itself, nor the root", () => {
    expect(canMove(index, "main", "heart")).toBe(false);
    expect(canMove(index, "main", "main")).toBe(false);
    expect(canMove(index, "root", "east")).toBe(false);
    expect(canMove(index, "heart", "east")).toBe(true);
  });

  it("remembers where a department stood, so that a move can be undone", () => {
    expect(placeOf(index, "main")).toEqual({ parent_id: "root", before_id: "east" });
    expect(placeOf(index, "east")).toEqual({ parent_id: "root" });
    expect(placeOf(index, "root")).toBeUndefined();
  });

  it("lists twenty thousand departments in one go", () => {
    const many = [department("root", null, "root")];
    for (let at = 0; at < 20_000; at += 1)
      many.push(department(`d${at}`, at % 100 === 0 ? "root" : `d${at - (at % 100)}`, `部门 ${at}`, at));
    const large = indexDepartments(many);
    expect(visibleRows(large, new Set(many.map((node) => node.id)), "")).toHaveLength(20_001);
  });
});
