import { expect, it } from "vitest";
import { dueText } from "./dueText";

const t = ((key: string) => key) as never;
const now = new Date("2026-11-21T06:20:00Z");
const due = (at: string, language = "zh-CN") => dueText(t, at, now, language);

it("counts minutes, then hours, then days", () => {
  expect(due("2026-11-21T06:25:10Z")).toBe("5分钟后");
  expect(due("2026-11-21T07:35:00Z", "en")).toBe("in 75 minutes");
  expect(due("2026-11-21T10:20:00Z", "en")).toBe("in 4 hours");
  expect(due("2026-11-24T06:20:00Z", "en")).toBe("in 3 days");
});

it("promises no seconds, and nothing once the time has come", () => {
  expect(due("2026-11-21T06:20:30Z")).toBe("queue.due.soon");
  expect(due("2026-11-21T06:20:00Z")).toBe("queue.due.now");
  expect(due("2026-11-21T06:10:00Z")).toBe("queue.due.now");
});
