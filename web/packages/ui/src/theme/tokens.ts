import { type ThemeConfig, theme } from "antd";
import type { Language } from "../i18n/setup";

export type ThemeName = "light" | "dark" | "contrast";

type Algorithm = typeof theme.defaultAlgorithm;

// Each language's own letters first: Chinese fonts draw Latin quotation marks as wide as a character.
const latin = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans"';
const chinese = '"PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC"';
const fonts = {
  "zh-CN": `${chinese}, system-ui, sans-serif`,
  en: `${latin}, ${chinese}, sans-serif`,
};

// The paper under a message: what is derived from the darkened status colours would be muddy.
const tints = {
  colorSuccessBg: "#eef7f1",
  colorSuccessBorder: "#a9d3ba",
  colorWarningBg: "#fdf6e6",
  colorWarningBorder: "#e3c98a",
  colorErrorBg: "#fdf1ef",
  colorErrorBorder: "#eab3ad",
  colorInfoBg: "#eef2f9",
  colorInfoBorder: "#b3c3df",
};

// Ink blue on white paper. Status colours are darkened until they read as text on white (4.5:1).
const light: Algorithm = (seed) => ({
  ...theme.defaultAlgorithm(seed),
  colorLinkHover: "#3f65a6",
  colorLinkActive: "#20355a",
  colorPrimaryHover: "#3f65a6",
  colorPrimaryBg: "#e9eef7",
  colorPrimaryBgHover: "#dde5f2",
  colorPrimaryBorder: "#a9b9d6",
  colorPrimaryBorderHover: "#7f96bf",
  colorBgLayout: "#f6f7f9",
  colorTextSecondary: "#4a5160",
  colorTextTertiary: "#5b6372",
  colorTextQuaternary: "#6a7280",
  colorBorder: "#8e96a4",
  colorBorderSecondary: "#e3e6eb",
  ...tints,
});

// On dark paper the accent is light and what stands on it is dark; the other way round neither would be readable.
const dark: Algorithm = (seed) => ({
  ...theme.darkAlgorithm(seed),
  colorPrimary: "#a9c1ec",
  colorPrimaryHover: "#c3d4f3",
  colorPrimaryActive: "#8fabe0",
  colorPrimaryText: "#a9c1ec",
  colorPrimaryTextHover: "#c3d4f3",
  colorPrimaryTextActive: "#8fabe0",
  colorPrimaryBg: "#22304a",
  colorPrimaryBgHover: "#2b3c5c",
  colorPrimaryBorder: "#4d6796",
  colorPrimaryBorderHover: "#6b86b8",
  colorLink: "#a9c1ec",
  colorLinkHover: "#c3d4f3",
  colorLinkActive: "#8fabe0",
  colorSuccess: "#6cc08b",
  colorWarning: "#e0b35c",
  colorError: "#f08a80",
  colorErrorHover: "#f5a8a0",
  colorErrorActive: "#e4766b",
  colorErrorText: "#f08a80",
  colorInfo: "#a9c1ec",
  colorBgBase: "#1b1f26",
  colorBgContainer: "#1b1f26",
  colorBgElevated: "#242932",
  colorBgLayout: "#14171c",
  colorTextSecondary: "#b9c0cc",
  colorTextTertiary: "#a0a8b5",
  colorTextQuaternary: "#8f98a6",
  colorBorder: "#6d7686",
  colorBorderSecondary: "#323842",
});

const contrast: Algorithm = (seed) => ({
  ...theme.defaultAlgorithm(seed),
  colorPrimaryBg: "#e4ebf8",
  colorPrimaryBgHover: "#d3def2",
  colorPrimaryHover: "#1d448f",
  colorLinkHover: "#1d448f",
  colorText: "#000000",
  colorTextSecondary: "#000000",
  colorTextTertiary: "#1f1f1f",
  colorTextQuaternary: "#333333",
  colorBorder: "#000000",
  colorBorderSecondary: "#000000",
  colorBgLayout: "#ffffff",
  ...tints,
});

const shared: ThemeConfig["token"] = {
  fontSize: 14,
  borderRadius: 6,
  sizeStep: 4,
  wireframe: false,
};

/** The design system's settings for one of the three themes. */
export function themeConfig(name: ThemeName, language: Language, reducedMotion = false): ThemeConfig {
  const token = { ...shared, fontFamily: fonts[language], motion: !reducedMotion };
  switch (name) {
    case "light":
      return {
        algorithm: light,
        token: {
          ...token,
          colorPrimary: "#2f4b7c",
          colorLink: "#2f4b7c",
          colorInfo: "#2f4b7c",
          colorSuccess: "#1f7a4a",
          colorWarning: "#96610a",
          colorError: "#b8352b",
          colorTextPlaceholder: "#6a7280",
        },
        components: components("#ffffff", "#2f4b7c", "#ffffff"),
      };
    case "dark":
      return {
        algorithm: dark,
        token: {
          ...token,
          colorPrimary: "#a9c1ec",
          colorTextLightSolid: "#10151d",
          colorTextPlaceholder: "#8f98a6",
        },
        components: components("#f2f4f8", "#a9c1ec", "#10151d"),
      };
    case "contrast":
      return {
        algorithm: contrast,
        token: {
          ...token,
          colorPrimary: "#0b2a66",
          colorLink: "#0b2a66",
          colorInfo: "#0b2a66",
          colorSuccess: "#0b5a2e",
          colorWarning: "#6b4300",
          colorError: "#8f130a",
          colorTextPlaceholder: "#333333",
          lineWidth: 2,
          controlOutlineWidth: 3,
        },
        components: components("#ffffff", "#0b2a66", "#ffffff"),
      };
  }
}

// What stays dark in every theme keeps light text; what is chosen stands out by more than a shade.
function components(onDark: string, chosen: string, onChosen: string): ThemeConfig["components"] {
  return {
    Segmented: { itemSelectedBg: chosen, itemSelectedColor: onChosen },
    Tooltip: { colorTextLightSolid: onDark },
    Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none" },
    Form: { verticalLabelPadding: "0 0 4px" },
    Table: { headerBorderRadius: 6 },
  };
}
