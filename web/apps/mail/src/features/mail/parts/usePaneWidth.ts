import { useRef, useState } from "react";

/** The width of a pane that can be drawn wider or narrower; remembered on this device. */
export function usePaneWidth(key: string, usual: number, least: number, most: number) {
  const within = (width: number) => Math.round(Math.min(most, Math.max(least, width)));
  const [value, setValue] = useState(() => {
    try {
      const stored = Number(localStorage.getItem(key));
      return stored > 0 ? within(stored) : usual;
    } catch {
      return usual;
    }
  });
  const latest = useRef(value);
  return {
    value,
    least,
    most,
    set: (width: number) => {
      latest.current = within(width);
      setValue(latest.current);
    },
    keep: () => {
      try {
        localStorage.setItem(key, String(latest.current));
      } catch {
        // Then it lasts as long as the page.
      }
    },
  };
}
