import { useSyncExternalStore } from "react";

/** How much a row shows: two lines, or one. */
export type Density = "comfortable" | "compact";

const key = "yanshu.mail.density";
const listeners = new Set<() => void>();

function read(): Density {
  try {
    return localStorage.getItem(key) === "compact" ? "compact" : "comfortable";
  } catch {
    return "comfortable";
  }
}

let density: Density = read();

/** Remembered on this device. */
export function chooseDensity(next: Density) {
  density = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // Then it lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function useDensity(): Density {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => density,
  );
}
