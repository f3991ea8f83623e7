import { expect, it } from "vitest";
import { fromBytes, toBytes } from "./quotaSize";

it("writes a quota in the largest unit that needs no fraction", () => {
  expect(fromBytes(10 * 1024 ** 3)).toEqual({ amount: 10, unit: "GB" });
  expect(fromBytes(1536 * 1024 ** 2)).toEqual({ amount: 1536, unit: "MB" });
  expect(fromBytes(2 * 1024 ** 4)).toEqual({ amount: 2, unit: "TB" });
  expect(fromBytes(0)).toEqual({ amount: 0, unit: "MB" });
});

it("keeps unlimited apart from nothing", () => {
  expect(fromBytes(null).unit).toBe("unlimited");
  expect(toBytes({ amount: 5, unit: "unlimited" })).toBeNull();
  expect(toBytes({ amount: null, unit: "GB" })).toBe(0);
});

it("gives back what it was given", () => {
  for (const bytes of [0, 1024 ** 2, 5 * 1024 ** 3, 3 * 1024 ** 4, null]) expect(toBytes(fromBytes(bytes))).toBe(bytes);
});
