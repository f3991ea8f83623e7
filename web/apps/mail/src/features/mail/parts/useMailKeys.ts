import { useShortcuts } from "@yanshu/ui";
import { useCallback, useRef } from "react";

/** The page's keys, also for keys that were pressed inside a mail's frame. Dialogues and menus have their own. */
export function useMailKeys(shortcuts: Record<string, () => void>): (event: KeyboardEvent) => void {
  const guarded = Object.fromEntries(
    Object.entries(shortcuts).map(([key, run]) => [
      key,
      (event: KeyboardEvent) => {
        const inside =
          event.target instanceof Element && event.target.closest("[role=dialog], [role=menu], .ant-modal");
        if (!inside && document.querySelector(".ant-modal-wrap:not([style*='display: none'])") === null) run();
      },
    ]),
  );
  useShortcuts(guarded);
  const latest = useRef(guarded);
  latest.current = guarded;
  return useCallback((event: KeyboardEvent) => {
    if (event.altKey || event.isComposing) return;
    const run = latest.current[event.ctrlKey || event.metaKey ? `Ctrl+${event.key}` : event.key];
    if (run === undefined) return;
    event.preventDefault();
    run(event);
  }, []);
}
