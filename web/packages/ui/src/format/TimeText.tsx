import { Tooltip } from "antd";
import { createContext, useContext } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "../i18n/setup";
import { relativeText, type TimeContext, timeText } from "./time";

/** The organisation's time zone for every time below. */
export const ZoneContext = createContext("Asia/Shanghai");

export function useTimeContext(): TimeContext {
  useTranslation();
  return { language: currentLanguage(), zone: useContext(ZoneContext) };
}

/** A moment, relative while fresh; the exact time on hover and for screen readers. */
export function TimeText({ at, exact = false }: { at: string | null | undefined; exact?: boolean }) {
  const context = useTimeContext();
  if (!at) return <span>—</span>;
  const full = timeText(at, context);
  if (exact) return <time dateTime={at}>{full}</time>;
  return (
    <Tooltip title={full}>
      <time dateTime={at}>{relativeText(at, context)}</time>
    </Tooltip>
  );
}
