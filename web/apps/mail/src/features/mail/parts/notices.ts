import { useSyncExternalStore } from "react";

/** What stands at the bottom left for a while: what was done, with the way back. */
export interface Notice {
  id: number;
  text: string;
  undo?: (() => Promise<unknown>) | undefined;
  /** Goes at this moment, and not before: what can be undone can be until then. */
  standsUntil?: number;
  /** Stays until it is replaced: something is on its way. */
  lasting?: boolean;
}

let current: Notice | null = null;
let spoken = "";
let next = 1;
const listeners = new Set<() => void>();

function tell() {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function showNotice(notice: Omit<Notice, "id">): number {
  current = { ...notice, id: next++ };
  tell();
  return current.id;
}

/** Takes the notice away; with an id, only if it still stands. */
export function dismissNotice(id?: number) {
  if (id !== undefined && current?.id !== id) return;
  current = null;
  tell();
}

export function currentNotice(): Notice | null {
  return current;
}

export function useNotice(): Notice | null {
  return useSyncExternalStore(subscribe, () => current);
}

/** Says something to screen readers alone. */
export function announce(text: string) {
  // The same words again are heard only when they differ.
  spoken = spoken === text ? `${text}\u00a0` : text;
  tell();
}

export function useSpoken(): string {
  return useSyncExternalStore(subscribe, () => spoken);
}
