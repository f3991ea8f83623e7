const units = ["B", "KB", "MB", "GB", "TB"] as const;

/** A file size in the unit people would use: 48 KB, 1.5 GB. */
export function sizeText(bytes: number, language: "zh-CN" | "en"): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${units[unit]}`;
}

export function numberText(value: number, language: "zh-CN" | "en"): string {
  return new Intl.NumberFormat(language).format(value);
}
