import { expect, test } from "vitest";
import { mailTime } from "./mailTime";

const now = new Date("2026-11-21T10:00:00+08:00");
const zh = { language: "zh-CN", zone: "Asia/Shanghai", now } as const;
const en = { language: "en", zone: "Asia/Shanghai", now } as const;

test("what came today is told by how long ago, then by the time of day", () => {
  expect(mailTime("2026-11-21T09:59:40+08:00", zh)).toBe("刚刚");
  expect(mailTime("2026-11-21T09:55:00+08:00", zh)).toBe("5分钟前");
  expect(mailTime("2026-11-21T09:55:00+08:00", en)).toBe("5 min. ago");
  expect(mailTime("2026-11-21T08:05:00+08:00", zh)).toBe("8:05");
});

test("what came before is told by its day in the organisation's zone", () => {
  expect(mailTime("2026-11-20T23:59:00+08:00", zh)).toBe("昨天");
  expect(mailTime("2026-11-20T15:59:00Z", zh)).toBe("昨天");
  expect(mailTime("2026-11-03T09:00:00+08:00", zh)).toBe("11月3日");
  expect(mailTime("2026-11-03T09:00:00+08:00", en)).toBe("3 Nov");
  expect(mailTime("2024-02-09T09:00:00+08:00", zh)).toBe("2024/2/9");
  expect(mailTime("2024-02-09T09:00:00+08:00", en)).toBe("9 Feb 2024");
});

test("a clock that is ahead makes nothing odd", () => {
  expect(mailTime("2026-11-21T10:03:00+08:00", zh)).toBe("10:03");
  expect(mailTime("2026-11-22T10:03:00+08:00", zh)).toBe("11月22日");
});
