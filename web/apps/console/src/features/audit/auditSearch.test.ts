import { expect, it } from "vitest";
import { auditQuery, readAuditSearch } from "./auditSearch";

it("asks for whole days in the organisation's time zone, the last one included", () => {
  expect(auditQuery({ from: "2026-11-01", to: "2026-11-21" }, "Asia/Shanghai")).toMatchObject({
    from: "2026-10-31T16:00:00.000Z",
    to: "2026-11-21T16:00:00.000Z",
  });
});

it("drops what it does not know", () => {
  expect(readAuditSearch({ action: "member.", to: "soon", nonsense: 1 })).toEqual({ action: "member." });
  expect(readAuditSearch({ action: "rm -rf" })).toEqual({});
});
