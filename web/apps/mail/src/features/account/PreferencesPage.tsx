import { chooseLanguage, currentLanguage, type Language, PageHeader, ThemeSwitch } from "@yanshu/ui";
import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { Section } from "./Section";

/** Language and look, on this device. */
export function PreferencesPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("preferences.title")} detail={t("preferences.detail")} />
      <Section title={t("preferences.language")}>
        <Segmented<Language>
          aria-label={t("preferences.language")}
          value={currentLanguage()}
          onChange={(language) => void chooseLanguage(language)}
          options={[
            { value: "zh-CN", label: <span lang="zh-CN">简体中文</span> },
            { value: "en", label: <span lang="en">English</span> },
          ]}
        />
      </Section>
      <Section title={t("preferences.look")} text={t("preferences.lookText")}>
        <ThemeSwitch />
      </Section>
    </>
  );
}
