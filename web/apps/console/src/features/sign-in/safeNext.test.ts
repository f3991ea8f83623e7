import { expect, it } from "vitest";
import { safeNext } from "./safeNext";

it("goes back to the page that asked for signing in", () => {
  expect(safeNext("/admin/members?department=dep_1")).toBe("/admin/members?department=dep_1");
  expect(safeNext(undefined)).toBe("/admin");
});

it("never leads out of the console, nor round in circles", () => {
  for (const next of [
    "https://example.test/",
    "//example.test",
    "/mail",
    "/administrators",
    "/admin/login?next=/admin",
  ]) {
    expect(safeNext(next)).toBe("/admin");
  }
});
