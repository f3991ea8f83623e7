import { expect, it } from "vitest";
import { currentEntry, menuFor } from "./menu";

const t = ((key: string) => key) as never;

it("marks the entry a page below it belongs to", () => {
  expect(currentEntry("/")).toBe("overview");
  expect(currentEntry("/imports/imp_1")).toBe("imports");
  expect(currentEntry("/settings/password-policy")).toBe("passwordPolicy");
  expect(currentEntry("/nowhere")).toBeNull();
});

it("leaves out what may not be used, and groups that are empty then", () => {
  const keys = menuFor(t, (permission) => permission === "view_members").map((item) => item.key);
  expect(keys).toEqual(["directory", "security"]);
});

it("shows the queue to those alone who may manage it", () => {
  const entries = (held: string) =>
    menuFor(t, (permission) => permission === held).flatMap((item) => item.children ?? []);
  expect(entries("manage_queue").map((item) => item.key)).toEqual(["queue"]);
  expect(entries("manage_domains").map((item) => item.key)).toEqual(["domains"]);
});
