type Language = "zh-CN" | "en";

export interface TimeContext {
  language: Language;
  /** The organisation's time zone, such as Asia/Shanghai. */
  zone: string;
  now?: Date;
}

/** What a clock and a calendar on the wall of a place say. */
export interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The wall time of a moment in a zone. */
export function wallTime(at: Date | string, zone: string): WallTime {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    clocks.set(zone, clock);
  }
  const wall: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(new Date(at))) wall[type] = Number(value);
  return wall as unknown as WallTime;
}

/** Counts days: the difference of two is how many midnights lie between. */
export function dayNumber({ year, month, day }: Pick<WallTime, "year" | "month" | "day">): number {
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

/** The moment a day (YYYY-MM-DD) begins in a zone. */
export function startOfDay(day: string, zone: string): Date {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let moment = wanted;
  // Twice, because the zone's clock may be put forward or back between the guess and the answer.
  for (let round = 0; round < 2; round += 1) {
    const { hour, minute, ...date } = wallTime(new Date(moment), zone);
    moment += wanted - (dayNumber(date) * 86_400_000 + (hour * 60 + minute) * 60_000);
  }
  return new Date(moment);
}

const two = (value: number) => String(value).padStart(2, "0");
export const clockText = ({ hour, minute }: WallTime) => `${two(hour)}:${two(minute)}`;

const inUtc = (language: Language, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });

export function monthText(month: number): string {
  return inUtc("en", { month: "short" }).format(Date.UTC(2000, month - 1, 1));
}

/** A day as people write it: 11月21日 周六, with the year when it is another one. */
export function dayText(iso: string, { language, zone, now = new Date() }: TimeContext): string {
  const [, ...alone] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso) ?? [];
  const { year, month, day } =
    alone.length === 3
      ? { year: Number(alone[0]), month: Number(alone[1]), day: Number(alone[2]) }
      : wallTime(iso, zone);
  const sameYear = year === wallTime(now, zone).year;
  const weekday = inUtc(language, { weekday: "short" }).format(Date.UTC(year, month - 1, day));
  if (language === "zh-CN") return `${sameYear ? "" : `${year}年`}${month}月${day}日 ${weekday}`;
  return `${weekday} ${day} ${monthText(month)}${sameYear ? "" : ` ${year}`}`;
}

/** Day and time of day in the organisation's zone. */
export function timeText(iso: string, context: TimeContext): string {
  return `${dayText(iso, context)} ${clockText(wallTime(iso, context.zone))}`;
}

/** Relative while it is fresh (刚刚, 2 小时前, 昨天 9:42), then the day. */
export function relativeText(iso: string, context: TimeContext): string {
  const now = context.now ?? new Date();
  const seconds = Math.round((now.getTime() - new Date(iso).getTime()) / 1000);
  const relative = new Intl.RelativeTimeFormat(context.language, { numeric: "auto", style: "short" });
  if (Math.abs(seconds) < 45) return context.language === "zh-CN" ? "刚刚" : "just now";
  if (Math.abs(seconds) < 3600) return relative.format(-Math.round(seconds / 60), "minute");
  const at = wallTime(iso, context.zone);
  const days = dayNumber(wallTime(now, context.zone)) - dayNumber(at);
  if (days === 0) return relative.format(-Math.round(seconds / 3600), "hour");
  if (days === 1) return `${relative.format(-1, "day")} ${clockText(at)}`;
  return dayText(iso, { ...context, now });
}
