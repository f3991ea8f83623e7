import { ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage, type Language } from "../i18n/setup";
import { useMedia, useThemeChoice, useThemeName } from "./store";
import { nonce } from "./style-nonce";
import { themeConfig } from "./tokens";

/** Theme, language and style nonce for everything below. Public pages use it alone, the apps use AppProvider. */
export function UiProvider({ locales, children }: { locales?: Record<Language, Locale>; children: ReactNode }) {
  useTranslation();
  const language = currentLanguage();
  const name = useThemeName();
  // Fingers need bigger targets, and phones zoom into fields with small letters.
  const phone = useMedia("(max-width: 520px)");
  const choice = useThemeChoice();
  const reducedMotion = useMedia("(prefers-reduced-motion: reduce)");

  useEffect(() => {
    if (choice === "system" && name !== "contrast") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", name);
  }, [choice, name]);

  return (
    <ConfigProvider
      theme={themeConfig(name, language, reducedMotion)}
      componentSize={phone ? "large" : "middle"}
      locale={locales?.[language]}
      csp={nonce === undefined ? undefined : { nonce }}
      button={{ autoInsertSpace: false }}
      form={{ requiredMark: true, scrollToFirstError: { focus: true } }}
    >
      {children}
    </ConfigProvider>
  );
}
