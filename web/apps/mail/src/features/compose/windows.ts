import { useSyncExternalStore } from "react";
import type { Seed } from "./seed";

/** A mail that is being written, in a window of its own. */
export interface ComposeWindow {
  key: number;
  seed: Seed;
  minimised: boolean;
  /** Takes the whole screen rather than a corner. */
  large: boolean;
}

let windows: readonly ComposeWindow[] = [];
let next = 1;
const listeners = new Set<() => void>();
const savers = new Map<number, () => Promise<void>>();

function set(change: readonly ComposeWindow[]) {
  windows = change;
  for (const listener of listeners) listener();
}

const change = (key: number, part: Partial<ComposeWindow>) =>
  set(windows.map((one) => (one.key === key ? { ...one, ...part } : one)));

/** The mails that are being written, one window each; how they look is loaded when the first one opens. */
export const compose = {
  /** Opens a window; the one for a draft that is open already comes forward. */
  open(seed: Seed = { kind: "new" }): number {
    const open = windows.find(
      (one) => seed.kind === "draft" && one.seed.kind === "draft" && one.seed.emailId === seed.emailId,
    );
    if (open !== undefined) {
      change(open.key, { minimised: false });
      return open.key;
    }
    const key = next++;
    set([...windows, { key, seed, minimised: false, large: false }]);
    return key;
  },
  close: (key: number) => set(windows.filter((one) => one.key !== key)),
  minimise: (key: number, minimised: boolean) => change(key, { minimised }),
  enlarge: (key: number, large: boolean) => change(key, { large }),
  /** The draft's mail changed its id by being saved. */
  savedAs: (key: number, emailId: string) => change(key, { seed: { kind: "draft", emailId } }),
  /** Says how the window is saved before the page is left for good; gives back how to stop that. */
  saveBeforeLeaving(key: number, save: () => Promise<void>): () => void {
    savers.set(key, save);
    return () => {
      savers.delete(key);
    };
  },
  /** Saves everything that is being written. Throws when something could not be saved. */
  async saveAll(): Promise<void> {
    await Promise.all([...savers.values()].map((save) => save()));
  },
  get windows() {
    return windows;
  },
};

export function useComposeWindows(): readonly ComposeWindow[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => windows,
  );
}
