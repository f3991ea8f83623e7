import { useSyncExternalStore } from "react";
import type { ThemeName } from "./tokens";

/** What the person chose; `system` follows the device. */
export type ThemeChoice = ThemeName | "system";

const key = "yanshu.theme";
const listeners = new Set<() => void>();

function read(): ThemeChoice {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" || stored === "contrast" ? stored : "system";
  } catch {
    // Some in-app browsers refuse storage; then the device decides.
    return "system";
  }
}

let choice: ThemeChoice = typeof localStorage === "undefined" ? "system" : read();

export function chooseTheme(next: ThemeChoice) {
  choice = next;
  try {
    if (next === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // The choice then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => choice,
  );
}

/** The theme in force: the choice, or what the device asks for. */
export function useThemeName(): ThemeName {
  const chosen = useThemeChoice();
  const dark = useMedia("(prefers-color-scheme: dark)");
  const contrast = useMedia("(prefers-contrast: more)");
  if (chosen !== "system") return chosen;
  if (contrast && !dark) return "contrast";
  return dark ? "dark" : "light";
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}
