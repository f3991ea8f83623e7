import { dayText, numberText, relativeText, sizeText, type TimeContext, timeText, useTimeContext } from "@yanshu/ui";
import { useMemo } from "react";

/** How numbers, sizes and times are written for the reader: their language, the organisation's time zone. Nothing is written for nothing. */
export function useFormats() {
  const { language, zone } = useTimeContext();
  return useMemo(() => formats({ language, zone }), [language, zone]);
}

function formats(context: TimeContext) {
  const { language } = context;
  return {
    number: (value: number) => numberText(value, language),
    size: (value: number) => sizeText(value, language),
    day: (value: string | null | undefined) => (value ? dayText(value, context) : ""),
    time: (value: string | null | undefined) => (value ? timeText(value, context) : ""),
    ago: (value: string | null | undefined) => (value ? relativeText(value, context) : ""),
    /** Two decimals in the unit of the whole: used space is shown to the hundredth. */
    used: (value: number) => {
      const units = ["B", "KB", "MB", "GB", "TB"] as const;
      let unit = 0;
      let left = value;
      while (left >= 1024 && unit < units.length - 1) {
        left /= 1024;
        unit += 1;
      }
      return `${new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(left)} ${units[unit]}`;
    },
  };
}
