import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";

dayjs.extend(utc);
dayjs.extend(timezone);

type Language = "zh-CN" | "en";

export interface TimeContext {
  language: Language;
  /** The organisation's time zone, such as Asia/Shanghai. */
  zone: string;
  now?: Date;
}

const weekday = (language: Language) => new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });

/** A day as people write it: 11月21日 周六, with the year when it is another one. */
export function dayText(iso: string, { language, zone, now = new Date() }: TimeContext): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? dayjs.utc(iso) : dayjs(iso).tz(zone);
  const sameYear = at.year() === dayjs(now).tz(zone).year();
  const short = weekday(language).format(new Date(Date.UTC(at.year(), at.month(), at.date())));
  if (language === "zh-CN") return `${at.format(sameYear ? "M月D日" : "YYYY年M月D日")} ${short}`;
  const month = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" }).format(
    new Date(Date.UTC(2000, at.month(), 1)),
  );
  return sameYear ? `${short} ${at.date()} ${month}` : `${short} ${at.date()} ${month} ${at.year()}`;
}

/** Day and time of day in the organisation's zone. */
export function timeText(iso: string, context: TimeContext): string {
  return `${dayText(iso, context)} ${dayjs(iso).tz(context.zone).format("HH:mm")}`;
}

/** Relative while it is fresh (刚刚, 2 小时前, 昨天 9:42), then the day. */
export function relativeText(iso: string, context: TimeContext): string {
  const now = context.now ?? new Date();
  const seconds = Math.round((now.getTime() - new Date(iso).getTime()) / 1000);
  const relative = new Intl.RelativeTimeFormat(context.language, { numeric: "auto", style: "short" });
  if (Math.abs(seconds) < 45) return context.language === "zh-CN" ? "刚刚" : "just now";
  if (Math.abs(seconds) < 3600) return relative.format(-Math.round(seconds / 60), "minute");
  const days = dayjs(now).tz(context.zone).startOf("day").diff(dayjs(iso).tz(context.zone).startOf("day"), "day");
  if (days === 0) return relative.format(-Math.round(seconds / 3600), "hour");
  if (days === 1) return `${relative.format(-1, "day")} ${dayjs(iso).tz(context.zone).format("HH:mm")}`;
  return dayText(iso, { ...context, now });
}
