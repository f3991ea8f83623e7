import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { chooseTheme, type ThemeChoice, useThemeChoice } from "../theme/store";

const choices: ThemeChoice[] = ["system", "light", "dark", "contrast"];

/** Follows the device, light, dark, or high contrast; remembered on this device. */
export function ThemeSwitch() {
  const { t } = useTranslation();
  return (
    <Segmented<ThemeChoice>
      aria-label={t("ui.theme.label")}
      value={useThemeChoice()}
      onChange={chooseTheme}
      options={choices.map((value) => ({ value, label: t(`ui.theme.${value}`) }))}
    />
  );
}
