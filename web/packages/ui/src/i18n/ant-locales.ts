import type { Locale } from "antd/es/locale";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import type { Language } from "./setup";

/** The design system's own texts (pickers, pagination, tables) in both languages. */
export const antLocales: Record<Language, Locale> = { "zh-CN": zh, en };

// The names of months in the design system's pickers; they come while the first page is read.
void import("dayjs/locale/zh-cn");
