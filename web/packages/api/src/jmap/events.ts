import type { JmapClient } from "./client";
import type { StateChange } from "./types";

interface Listener {
  /** The newest state of each type that changed: `{ Email: "17", Mailbox: "17" }`. */
  onChange: (states: Record<string, string>) => void;
  /** The stream was down for a while: whatever happened meanwhile is unknown. */
  onMissed: () => void;
}

const longestPause = 60_000;

/** Listens to what changes in the account (RFC 8620 §7.3) until the returned function is called. */
export function listenForChanges(
  client: JmapClient,
  types: readonly string[],
  listener: Listener,
  open: (url: string) => EventSource = (url) => new EventSource(url),
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let missed = false;
  let pause = 2_000;
  let ended = false;

  function connect() {
    source = open(client.eventSourceUrl(types));
    source.addEventListener("open", () => {
      pause = 2_000;
      if (missed) listener.onMissed();
      missed = false;
    });
    source.addEventListener("state", (event) => {
      const states = statesIn(event.data, client.accountId);
      if (states !== null) listener.onChange(states);
    });
    source.addEventListener("error", () => {
      missed = true;
      // The browser tries again by itself after a break, but not after a refusal, which may be a passing one.
      if (source?.readyState !== 2 || ended) return;
      source.close();
      timer = setTimeout(connect, pause);
      pause = Math.min(pause * 2, longestPause);
    });
  }

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    source?.close();
  };
}

/** The states of our account in the data of a push event; null when there are none. */
export function statesIn(data: string, accountId: string): Record<string, string> | null {
  try {
    const change = JSON.parse(data) as Partial<StateChange>;
    return change.changed?.[accountId] ?? null;
  } catch {
    return null;
  }
}
