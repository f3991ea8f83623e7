import {
  clockText,
  dayNumber,
  startOfDay as momentOf,
  monthText,
  type TimeContext,
  timeText,
  type WallTime,
  wallTime,
} from "@yanshu/ui";

/** When a mail came, as short as a list needs it: 5分钟前, 9:42, 昨天, 11月19日, 2024/11/19. */
export function mailTime(iso: string, { language, zone, now = new Date() }: TimeContext): string {
  const at = wallTime(iso, zone);
  const present = wallTime(now, zone);
  const minutes = Math.floor((now.getTime() - new Date(iso).getTime()) / 60_000);
  const days = dayNumber(present) - dayNumber(at);
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const clock = clockText(at).replace(/^0/, "");
  if (days < 0) return dayOfYear(at, language);
  if (days === 0 && minutes < 0) return clock;
  if (days === 0 && minutes < 1) return language === "zh-CN" ? "刚刚" : "now";
  if (days === 0 && minutes < 60) return relative.format(-minutes, "minute");
  if (days === 0) return clock;
  if (days === 1) return relative.format(-1, "day");
  return at.year === present.year ? dayOfYear(at, language) : dayOfOtherYear(at, language);
}

function dayOfYear({ month, day }: WallTime, language: TimeContext["language"]): string {
  return language === "zh-CN" ? `${month}月${day}日` : `${day} ${monthText(month)}`;
}

function dayOfOtherYear(at: WallTime, language: TimeContext["language"]): string {
  return language === "zh-CN" ? `${at.year}/${at.month}/${at.day}` : `${dayOfYear(at, language)} ${at.year}`;
}

/** Day and time in full, for the head of a mail. */
export function mailTimeInFull(iso: string, context: TimeContext): string {
  return timeText(iso, context);
}

/** The moment a day begins in the organisation's zone, as requests want it. */
export function startOfDay(day: string, zone: string): string {
  return momentOf(day, zone).toISOString().replace(".000Z", "Z");
}
