import { Batch } from "./batch";
import type { JmapClient } from "./client";
import type { Mailbox } from "./types";

/** All mailboxes as they were at a state. */
export interface KnownMailboxes {
  state: string;
  list: Mailbox[];
}

/** What has to be asked when more changed than one answer tells. */
const mostChanges = 500;

export async function fetchMailboxes(client: JmapClient): Promise<KnownMailboxes> {
  const { state, list } = await client.call("Mailbox/get", { ids: null });
  return { state, list };
}

/** Brings the mailboxes up to date by asking for what changed only (RFC 8621 §2.2); all anew when the server cannot tell. */
export async function refreshMailboxes(client: JmapClient, known: KnownMailboxes): Promise<KnownMailboxes> {
  const { accountId } = client;
  const batch = new Batch();
  const changes = batch.add("Mailbox/changes", { accountId, sinceState: known.state, maxChanges: mostChanges });
  const created = batch.add("Mailbox/get", { accountId, "#ids": changes.ref("/created") });
  const updated = batch.add("Mailbox/get", {
    accountId,
    "#ids": changes.ref("/updated"),
    "#properties": changes.ref("/updatedProperties"),
  });
  await client.send(batch);
  if (changes.problem() !== null || created.problem() !== null) return fetchMailboxes(client);
  const told = changes.answer();
  const patches = updated.problem() === null ? updated.answer().list : await whole(client, told.updated);
  const next: KnownMailboxes = {
    state: told.newState,
    list: merged(known.list, created.answer().list, patches, told.destroyed),
  };
  return told.hasMoreChanges ? refreshMailboxes(client, next) : next;
}

// Without updatedProperties the reference leads to null, which some servers refuse to take.
async function whole(client: JmapClient, ids: string[]): Promise<Mailbox[]> {
  if (ids.length === 0) return [];
  return (await client.call("Mailbox/get", { ids })).list;
}

/** The list with what came, what changed (whole or in part) and without what went. */
export function merged(
  before: readonly Mailbox[],
  created: readonly Mailbox[],
  updated: readonly Partial<Mailbox>[],
  destroyed: readonly string[],
): Mailbox[] {
  const gone = new Set(destroyed);
  const byId = new Map(before.map((mailbox) => [mailbox.id, mailbox]));
  for (const mailbox of created) byId.set(mailbox.id, mailbox);
  for (const patch of updated) {
    const known = patch.id === undefined ? undefined : byId.get(patch.id);
    if (known !== undefined) byId.set(known.id, { ...known, ...patch });
  }
  return [...byId.values()].filter((mailbox) => !gone.has(mailbox.id));
}
