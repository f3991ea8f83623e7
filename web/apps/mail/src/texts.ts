import { addTexts } from "@yanshu/ui";

let wanted: Promise<void> | undefined;

/** The texts of everything but the first page: they come while that is read. */
export function laterTexts(): Promise<void> {
  wanted ??= addTexts((language) =>
    language === "zh-CN" ? import("./locales/later/zh-CN.json") : import("./locales/later/en.json"),
  );
  return wanted;
}

/** For what is loaded when it is needed: its texts are there with it. */
export function withTexts<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    const [loaded] = await Promise.all([load(), laterTexts()]);
    return loaded;
  };
}
