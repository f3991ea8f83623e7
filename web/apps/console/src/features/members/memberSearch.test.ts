import { describe, expect, it } from "vitest";
import {
  columnsParam,
  countFilters,
  memberFilter,
  readMemberSearch,
  shownColumns,
  withoutFilters,
} from "./memberSearch";

describe("the members page in the address bar", () => {
  it("keeps everything it knows and drops what it does not", () => {
    const search = readMemberSearch({
      department: "dep_1",
      state: "pending",
      desc: true,
      sort: "shoe_size",
      tab: "history",
      member: "mbr_1",
      q: "",
      nonsense: 3,
    });
    expect(search).toEqual({ department: "dep_1", state: "pending", desc: true, tab: "history", member: "mbr_1" });
  });

  it("takes digits typed into the quick search for text", () => {
    expect(readMemberSearch({ q: 13912345678 })).toEqual({ q: "13912345678" });
  });

  it("refuses days that are no days", () => {
    expect(readMemberSearch({ from: "2026-11-21", to: "tomorrow" })).toEqual({ from: "2026-11-21" });
  });

  it("asks for the departments below unless told otherwise", () => {
    expect(memberFilter({ department: "dep_1" }).include_subdepartments).toBe(true);
    expect(memberFilter({ department: "dep_1", direct: true }).include_subdepartments).toBe(false);
    expect(memberFilter({}).include_subdepartments).toBeUndefined();
  });

  it("turns the mobile filter into yes, no or not asked", () => {
    expect(
      [memberFilter({ mobile: "yes" }), memberFilter({ mobile: "no" }), memberFilter({})].map(
        (filter) => filter.has_mobile,
      ),
    ).toEqual([true, false, undefined]);
  });

  it("counts and clears filters without losing department, search and sort", () => {
    const search = readMemberSearch({
      department: "dep_1",
      q: "ren",
      sort: "name",
      state: "active",
      incomplete: true,
      from: "2026-01-01",
    });
    expect(countFilters(search)).toBe(3);
    expect(withoutFilters(search)).toEqual({ department: "dep_1", q: "ren", sort: "name" });
  });

  it("always shows the name, and keeps the usual columns out of the link", () => {
    expect(shownColumns({ columns: "mobile,unknown" })).toEqual(["name", "mobile"]);
    expect(columnsParam(shownColumns({}))).toBeUndefined();
    expect(columnsParam(["mobile", "state"])).toBe("name,mobile,state");
  });
});
