import { dayNumber, wallTime } from "@yanshu/ui";

/** A time people often mean; its name is a text's key. */
export interface SendTime {
  name: "today" | "morning" | "afternoon" | "monday";
  at: Date;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** The moment at which the clocks of a zone say `day` (as counted by `dayNumber`) and `minutes` after midnight. */
function momentOf(day: number, minutes: number, zone: string): Date {
  const wanted = day * dayMs + minutes * minuteMs;
  let moment = wanted;
  // Twice, because the zone's clock may be put forward or back between the guess and the answer.
  for (let round = 0; round < 2; round += 1) {
    const wall = wallTime(new Date(moment), zone);
    moment += wanted - (dayNumber(wall) * dayMs + (wall.hour * 60 + wall.minute) * minuteMs);
  }
  return new Date(moment);
}

/** The times that are offered for sending later: this evening, tomorrow, next week. */
export function sendTimes(now: Date, zone: string): SendTime[] {
  const wall = wallTime(now, zone);
  const today = dayNumber(wall);
  // Day 4 was a Monday.
  const weekday = (today + 3) % 7;
  const monday = today + 7 - weekday;
  const times: SendTime[] = [
    { name: "morning", at: momentOf(today + 1, 8 * 60, zone) },
    { name: "afternoon", at: momentOf(today + 1, 14 * 60, zone) },
  ];
  if (wall.hour < 17) times.unshift({ name: "today", at: momentOf(today, 18 * 60, zone) });
  if (monday > today + 1) times.push({ name: "monday", at: momentOf(monday, 8 * 60, zone) });
  return times;
}

const two = (value: number) => String(value).padStart(2, "0");

/** A moment as a field for day and time has it (`2026-12-01T08:00`), in a zone. */
export function fieldOf(at: Date, zone: string): string {
  const { year, month, day, hour, minute } = wallTime(at, zone);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** What such a field says; undefined when it says nothing. */
export function readField(text: string, zone: string): Date | undefined {
  const [, year, month, day, hour, minute] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text) ?? [];
  if (minute === undefined) return undefined;
  const days = dayNumber({ year: Number(year), month: Number(month), day: Number(day) });
  return momentOf(days, Number(hour) * 60 + Number(minute), zone);
}
