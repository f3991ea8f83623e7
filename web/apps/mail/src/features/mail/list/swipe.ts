import { type TouchEvent, useRef, useState } from "react";

const startsAt = 16;
const actsAt = 88;

/** What a finger does to a row: a swipe to either side, or a long press. */
interface SwipeHandlers {
  onLeft: () => void;
  onRight: () => void;
  onLongPress: () => void;
}

const pressLasts = 500;

/** Follows a finger that moves a row sideways; how far it is, and the handlers for the row. */
export function useSwipe({ onLeft, onRight, onLongPress }: SwipeHandlers) {
  const [offset, setOffset] = useState(0);
  const start = useRef<{ x: number; y: number; sideways: boolean | null } | null>(null);
  const press = useRef<ReturnType<typeof setTimeout>>(undefined);
  const moved = useRef(false);

  function end(act: boolean) {
    clearTimeout(press.current);
    if (act && Math.abs(offset) >= actsAt) (offset < 0 ? onLeft : onRight)();
    start.current = null;
    setOffset(0);
  }

  return {
    offset,
    /** Whether letting go now would do something. */
    ready: Math.abs(offset) >= actsAt,
    handlers: {
      onTouchStart: (event: TouchEvent) => {
        const touch = event.touches[0];
        if (touch === undefined || event.touches.length > 1) return;
        moved.current = false;
        start.current = { x: touch.clientX, y: touch.clientY, sideways: null };
        press.current = setTimeout(() => {
          if (start.current?.sideways !== null) return;
          moved.current = true;
          start.current = null;
          onLongPress();
        }, pressLasts);
      },
      onTouchMove: (event: TouchEvent) => {
        const touch = event.touches[0];
        const from = start.current;
        if (touch === undefined || from === null) return;
        const [x, y] = [touch.clientX - from.x, touch.clientY - from.y];
        if (from.sideways === null && Math.hypot(x, y) > startsAt) {
          clearTimeout(press.current);
          from.sideways = Math.abs(x) > Math.abs(y) * 1.5;
          moved.current = true;
        }
        if (from.sideways) setOffset(Math.sign(x) * Math.max(0, Math.abs(x) - startsAt));
      },
      onTouchEnd: () => end(true),
      onTouchCancel: () => end(false),
      // The click that follows a swipe or a long press opens nothing.
      onClickCapture: (event: { preventDefault(): void; stopPropagation(): void }) => {
        if (!moved.current) return;
        moved.current = false;
        event.preventDefault();
        event.stopPropagation();
      },
    },
  };
}
