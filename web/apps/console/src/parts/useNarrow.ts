import { useMedia } from "@yanshu/ui";

/** True on phones: one pane at a time, cards instead of columns. */
export function useNarrow(): boolean {
  return useMedia("(max-width: 767px)");
}
