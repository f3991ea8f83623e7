import { type PointerEvent, useRef } from "react";
import type { usePaneWidth } from "./usePaneWidth";

/** The line between list and mail, which is moved to make one of them wider. */
export function Grip({ width, label }: { width: ReturnType<typeof usePaneWidth>; label: string }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved.
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width.value}
      aria-valuemin={width.least}
      aria-valuemax={width.most}
      tabIndex={0}
      className="mail-grip"
      onPointerDown={(event: PointerEvent<HTMLDivElement>) => {
        from.current = { x: event.clientX, width: width.value };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current !== null) width.set(from.current.width + event.clientX - from.current.x);
      }}
      onPointerUp={() => {
        from.current = null;
        width.keep();
      }}
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        width.set(width.value + (event.key === "ArrowLeft" ? -16 : 16));
        width.keep();
      }}
    />
  );
}
