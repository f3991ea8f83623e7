import { describe, expect, test } from "vitest";
import { fieldOf, readField, sendTimes } from "./sendTimes";

const zone = "Asia/Shanghai";
const offered = (now: string) => sendTimes(new Date(now), zone).map(({ name, at }) => `${name} ${fieldOf(at, zone)}`);

describe("times to send later", () => {
  test("on a working day there are this evening, tomorrow and Monday", () => {
    // A Thursday at noon in Shanghai.
    expect(offered("2026-11-19T04:00:00Z")).toEqual([
      "today 2026-11-19T18:00",
      "morning 2026-11-20T08:00",
      "afternoon 2026-11-20T14:00",
      "monday 2026-11-23T08:00",
    ]);
  });

  test("late on a Sunday, tomorrow is the Monday and this evening has gone", () => {
    expect(offered("2026-11-22T12:00:00Z")).toEqual(["morning 2026-11-23T08:00", "afternoon 2026-11-23T14:00"]);
  });

  test("on a Monday, Monday is a week away", () => {
    expect(offered("2026-11-23T12:00:00Z")).toContain("monday 2026-11-30T08:00");
  });

  test("a field says a moment in the organisation's zone, also where clocks change", () => {
    expect(readField("2026-12-01T08:30", zone)?.toISOString()).toBe("2026-12-01T00:30:00.000Z");
    expect(readField("2026-03-29T08:00", "Europe/Berlin")?.toISOString()).toBe("2026-03-29T06:00:00.000Z");
    expect(readField("2026-10-25T08:00", "Europe/Berlin")?.toISOString()).toBe("2026-10-25T07:00:00.000Z");
    expect(readField("", zone)).toBeUndefined();
  });
});
