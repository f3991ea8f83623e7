import { type TimeContext, timeText } from "@yanshu/ui";
import dayjs from "dayjs";

/** When a mail came, as short as a list needs it: 5分钟前, 9:42, 昨天, 11月19日, 2024/11/19. */
export function mailTime(iso: string, { language, zone, now = new Date() }: TimeContext): string {
  const at = dayjs(iso).tz(zone);
  const present = dayjs(now).tz(zone);
  const minutes = Math.floor(present.diff(at, "minute", true));
  const days = present.startOf("day").diff(at.startOf("day"), "day");
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  if (minutes < 0 && days <= 0) return days < 0 ? dayOfYear(at, language) : at.format("H:mm");
  if (days === 0 && minutes < 1) return language === "zh-CN" ? "刚刚" : "now";
  if (days === 0 && minutes < 60) return relative.format(-minutes, "minute");
  if (days === 0) return at.format("H:mm");
  if (days === 1) return relative.format(-1, "day");
  return at.year() === present.year() ? dayOfYear(at, language) : dayOfOtherYear(at, language);
}

function dayOfYear(at: dayjs.Dayjs, language: TimeContext["language"]): string {
  return language === "zh-CN" ? at.format("M月D日") : at.format("D MMM");
}

function dayOfOtherYear(at: dayjs.Dayjs, language: TimeContext["language"]): string {
  return language === "zh-CN" ? at.format("YYYY/M/D") : at.format("D MMM YYYY");
}

/** Day and time in full, for the head of a mail. */
export function mailTimeInFull(iso: string, context: TimeContext): string {
  return timeText(iso, context);
}

/** The moment a day begins in the organisation's zone, as requests want it. */
export function startOfDay(day: string, zone: string): string {
  return dayjs.tz(day, zone).toDate().toISOString().replace(".000Z", "Z");
}
