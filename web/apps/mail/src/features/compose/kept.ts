import { announce } from "../mail/parts/notices";
import type { Draft } from "./draft";
import { compose } from "./windows";

/** What this device keeps of a mail until the server has it, so that neither a lost connection nor a closed tab loses a word. */
export interface Kept {
  draft: Draft;
  /** The draft on the server that it comes from. */
  emailId: string | null;
  /** The tab that wrote it. */
  tab: string;
  at: number;
}

const prefix = "yanshu.draft.";
/** A tab that is open writes more often than this. */
const restsAfter = 120_000;

const thisTab = (() => {
  try {
    const known = sessionStorage.getItem("yanshu.tab");
    const tab = known ?? crypto.randomUUID();
    sessionStorage.setItem("yanshu.tab", tab);
    return tab;
  } catch {
    return "";
  }
})();

let owner = "";

export function keep(key: string, draft: Draft, emailId: string | null) {
  try {
    const kept: Kept = { draft, emailId, tab: thisTab, at: Date.now() };
    localStorage.setItem(`${prefix}${owner}.${key}`, JSON.stringify(kept));
  } catch {
    // Full or refused: then the server's copy is the only one.
  }
}

export function forget(key: string) {
  try {
    localStorage.removeItem(`${prefix}${owner}.${key}`);
  } catch {
    // Nothing was kept either.
  }
}

export function readKept(key: string): Kept | null {
  try {
    const text = localStorage.getItem(`${prefix}${owner}.${key}`);
    return text === null ? null : (JSON.parse(text) as Kept);
  } catch {
    return null;
  }
}

/** Opens what this device kept of the member's mails that could not be saved. */
export function openKeptDrafts(memberId: string) {
  if (owner !== "") return;
  owner = memberId;
  let keys: string[] = [];
  try {
    keys = Object.keys(localStorage).filter((key) => key.startsWith(`${prefix}${owner}.`));
  } catch {
    return;
  }
  for (const key of keys) {
    const name = key.slice(`${prefix}${owner}.`.length);
    const kept = readKept(name);
    if (kept === null) continue;
    // Another tab may be writing on it at this moment.
    if (kept.tab !== thisTab && Date.now() - kept.at < restsAfter) continue;
    const opened = compose.open({ kind: "kept", keptKey: name });
    compose.minimise(opened, true);
    announce(kept.draft.subject);
  }
}

/** Signing out leaves nothing of anybody's mail on the device. */
export function forgetAll() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept either.
  }
}
