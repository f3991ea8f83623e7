export interface Device {
  /** The browser or app by name; null when it is none we know. */
  app: string | null;
  system: string | null;
}

// The first that fits: apps built on a browser name that browser too.
const apps: [RegExp, string][] = [
  [/wxwork/i, "企业微信 WeCom"],
  [/MicroMessenger/i, "微信 WeChat"],
  [/DingTalk/i, "钉钉 DingTalk"],
  [/Lark|Feishu/i, "飞书 Lark"],
  [/HuaweiBrowser/i, "Huawei Browser"],
  [/QQBrowser/i, "QQ Browser"],
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox|FxiOS/, "Firefox"],
  [/Chrome|CriOS/, "Chrome"],
  [/Safari/, "Safari"],
];
const systems: [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux|X11/, "Linux"],
];

/** What a browser says of itself, as people would say it. */
export function deviceOf(userAgent: string | null): Device {
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1] ?? null;
  return { app: first(apps), system: first(systems) };
}
