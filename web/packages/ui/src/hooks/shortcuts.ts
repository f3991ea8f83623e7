import { useEffect, useRef } from "react";

/** Keys as in "/", "?", "j", "Escape", "Ctrl+Enter" (⌘ on a Mac) and what they do. */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

/** Listens while the component lives. Plain letters do nothing while someone types into a field. */
export function useShortcuts(shortcuts: Shortcuts) {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // Enter that only accepts a word of an input method is no shortcut.
      if (event.isComposing || event.altKey) return;
      const withControl = event.ctrlKey || event.metaKey;
      if (!withControl && event.key !== "Escape" && isTyping(event.target)) return;
      const run = latest.current[withControl ? `Ctrl+${event.key}` : event.key];
      if (run === undefined) return;
      event.preventDefault();
      run(event);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  const field = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]";
  return target instanceof HTMLElement && target.closest(field) !== null;
}
