import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { chooseLanguage, currentLanguage } from "../i18n/setup";

/** Changes between Chinese and English; says the other language in its own words. */
export function LanguageSwitch({ onChoose }: { onChoose?: (language: "zh-CN" | "en") => void }) {
  useTranslation();
  const other = currentLanguage() === "zh-CN" ? "en" : "zh-CN";
  return (
    <Button
      type="text"
      lang={other}
      onClick={() => {
        void chooseLanguage(other);
        onChoose?.(other);
      }}
    >
      {other === "en" ? "English" : "简体中文"}
    </Button>
  );
}
