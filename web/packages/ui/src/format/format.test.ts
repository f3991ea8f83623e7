// @vitest-environment node
import { expect, test } from "vitest";
import { phoneText } from "./phone";
import { sizeText } from "./size";
import { dayText, relativeText, startOfDay, timeText } from "./time";

const now = new Date("2026-11-21T10:00:00+08:00");
const zh = { language: "zh-CN", zone: "Asia/Shanghai", now } as const;
const en = { language: "en", zone: "Asia/Shanghai", now } as const;

test("days are written as people write them", () => {
  expect(dayText("2026-11-21T03:00:00Z", zh)).toBe("11月21日 周六");
  expect(dayText("2026-11-21T03:00:00Z", en)).toBe("Sat 21 Nov");
  expect(dayText("1988-04-12", zh)).toBe("1988年4月12日 周二");
  expect(dayText("1988-04-12", en)).toBe("Tue 12 Apr 1988");
});

test("the organisation's zone decides which day it is", () => {
  expect(timeText("2026-11-20T17:30:00Z", zh)).toBe("11月21日 周六 01:30");
  expect(timeText("2026-11-20T17:30:00Z", { ...zh, zone: "Europe/London" })).toBe("11月20日 周五 17:30");
});

test("what just happened is told relative to now", () => {
  expect(relativeText("2026-11-21T01:59:50Z", zh)).toBe("刚刚");
  expect(relativeText("2026-11-21T01:58:00Z", zh)).toBe("2分钟前");
  expect(relativeText("2026-11-21T00:00:00Z", en)).toBe("2 hr. ago");
  expect(relativeText("2026-11-20T01:42:00Z", zh)).toBe("昨天 09:42");
  expect(relativeText("2026-11-18T01:42:00Z", en)).toBe("Wed 18 Nov");
});

test("a day begins when the zone's clock says so, also where it is put forward or back", () => {
  const start = (day: string, zone: string) => startOfDay(day, zone).toISOString();
  expect(start("2026-01-05", "Asia/Shanghai")).toBe("2026-01-04T16:00:00.000Z");
  expect(start("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
  expect(start("2026-03-30", "Europe/Berlin")).toBe("2026-03-29T22:00:00.000Z");
  expect(start("2026-10-26", "Europe/Berlin")).toBe("2026-10-25T23:00:00.000Z");
  expect(start("2026-07-01", "America/St_Johns")).toBe("2026-07-01T02:30:00.000Z");
});

test("sizes are told in the unit people would use", () => {
  expect(sizeText(0, "en")).toBe("0 B");
  expect(sizeText(48 * 1024, "zh-CN")).toBe("48 KB");
  expect(sizeText(1.5 * 1024 ** 3, "en")).toBe("1.5 GB");
});

test("mainland mobiles are grouped, other numbers stay as they are", () => {
  expect(phoneText("+8618912342196")).toBe("189 1234 2196");
  expect(phoneText("+442071234567")).toBe("+442071234567");
});
