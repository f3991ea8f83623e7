import type { TFunction } from "i18next";

/** How long it is until then: 5 分钟后, in 2 hours; 马上 once the time has come. */
export function dueText(t: TFunction, at: string, now: Date, language: string): string {
  const seconds = Math.round((new Date(at).getTime() - now.getTime()) / 1000);
  if (seconds <= 0) return t("queue.due.now");
  if (seconds < 60) return t("queue.due.soon");
  const write = new Intl.RelativeTimeFormat(language, { numeric: "always", style: "long" });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return write.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return hours < 36 ? write.format(hours, "hour") : write.format(Math.round(hours / 24), "day");
}
