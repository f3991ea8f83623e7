import { type QueueState, queueStates } from "../../server/types";

/** What waits, what is over, or both. */
export const queueViews = ["waiting", "settled", "all"] as const;
export type QueueView = (typeof queueViews)[number];

/** What the queue page shows, as it stands in the address bar. */
export interface QueueSearch {
  /** Left out when it is the usual one, see `viewOf`. */
  view?: QueueView;
  state?: QueueState;
  domain?: string;
  sender?: string;
  message?: string;
}

export function readQueueSearch(raw: Record<string, unknown>): QueueSearch {
  const text = (value: unknown) => {
    const told = typeof value === "number" ? String(value) : value;
    return typeof told === "string" && told !== "" ? told.slice(0, 254) : undefined;
  };
  const search: QueueSearch = {
    view: queueViews.find((view) => view === raw.view),
    state: queueStates.find((state) => state === raw.state),
    domain: text(raw.domain),
    sender: text(raw.sender),
    message: text(raw.message),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as QueueSearch;
}

/** What waits, unless a state was asked for: most of those are only found among what is over. */
function usualView(state: QueueState | undefined): QueueView {
  return state === undefined || state === "queued" ? "waiting" : "all";
}

export function viewOf(search: QueueSearch): QueueView {
  return search.view ?? usualView(search.state);
}

/** The search with another view. */
export function withView(search: QueueSearch, view: QueueView): QueueSearch {
  const { view: _before, ...rest } = search;
  return view === usualView(search.state) ? rest : { ...rest, view };
}

/** The question to the server. */
export function queueQuery(search: QueueSearch) {
  const view = viewOf(search);
  return {
    finished: view === "all" ? undefined : view === "settled",
    state: search.state,
    domain: search.domain,
    sender: search.sender,
  };
}

/** The domain in what somebody typed or pasted: a domain, or an address that has one. */
export function domainOf(typed: string): string {
  return typed.trim().replace(/^.*@/, "").replace(/>$/, "");
}

/** The address in what somebody typed or pasted, also with the name before it. */
export function addressOf(typed: string): string {
  return (/<([^<>]*)>\s*$/.exec(typed)?.[1] ?? typed).trim();
}
