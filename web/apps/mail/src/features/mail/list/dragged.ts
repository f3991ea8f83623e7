import type { Id } from "@yanshu/api/jmap";
import type { Row } from "../store/rows";

/** Rows on their way to a folder. */
export interface Dragged {
  rows: Row[];
  /** The mailbox they come from; null when the list shows several. */
  mailboxId: Id | null;
  onMoved: () => void;
}

// What is dragged cannot be read from the event before it is dropped.
let dragged: Dragged | null = null;

export function setDragged(next: Dragged | null) {
  dragged = next;
}

export function readDragged(): Dragged | null {
  return dragged;
}
