import type { Email, EmailAddress, Id, Keywords } from "@yanshu/api/jmap";

/** What a row of a list shows of its mail. */
export const rowProperties = [
  "id",
  "threadId",
  "mailboxIds",
  "keywords",
  "from",
  "to",
  "subject",
  "preview",
  "receivedAt",
  "hasAttachment",
  "size",
] as const;

export type RowEmail = Pick<Email, (typeof rowProperties)[number]>;

/** What is asked of every mail of a thread, to tell of the thread as a whole. */
export const memberProperties = ["id", "threadId", "mailboxIds", "keywords", "from"] as const;
export type ThreadMember = Pick<Email, (typeof memberProperties)[number]>;

/** A line of a list: a mail, or a thread told by its newest mail there. */
export interface Row {
  email: RowEmail;
  /** The mails the row stands for, oldest first: those of the thread that are not in Trash or Junk, or just the mail. */
  members: ThreadMember[];
  /** Those of `members` that are in the list's own folder: what happens to the row happens to them. */
  own: Id[];
}

interface FolderOfList {
  /** The mailbox the list shows; null when it shows several. */
  mailboxId: Id | null;
  /** Trash and Junk. */
  asideIds: ReadonlySet<Id>;
}

/** The row of a mail and what is known of its thread. */
export function rowOf(email: RowEmail, thread: readonly ThreadMember[] | null, folder: FolderOfList): Row {
  const alone: ThreadMember = email;
  if (thread === null || thread.length === 0) return { email, members: [alone], own: [email.id] };
  const { mailboxId } = folder;
  const here = (member: ThreadMember) => mailboxId === null || member.mailboxIds[mailboxId] === true;
  const members = thread.filter((member) => here(member) || !isAside(member, folder.asideIds));
  const shown = members.some(({ id }) => id === email.id) ? members : [...members, alone];
  const own = mailboxId === null ? [email.id] : shown.filter(here).map(({ id }) => id);
  return { email, members: shown, own: own.length > 0 ? own : [email.id] };
}

function isAside(member: ThreadMember, aside: ReadonlySet<Id>): boolean {
  const mailboxes = Object.keys(member.mailboxIds);
  return mailboxes.length > 0 && mailboxes.every((id) => aside.has(id));
}

export const isUnread = (row: Row) => row.members.some(({ keywords }) => !keywords.$seen && !keywords.$draft);
export const isStarred = (row: Row) => row.members.some(({ keywords }) => keywords.$flagged);
export const isAnswered = (row: Row) => row.email.keywords.$answered === true;
export const isForwarded = (row: Row) => row.email.keywords.$forwarded === true;
export const hasDraft = (row: Row) => row.members.some(({ keywords }) => keywords.$draft);

/** Who wrote in the thread, oldest first, each once; drafts have no sender yet. */
export function sendersOf(row: Row): EmailAddress[] {
  const seen = new Set<string>();
  const senders: EmailAddress[] = [];
  for (const { from, keywords } of row.members) {
    const [sender] = from ?? [];
    if (sender === undefined || keywords.$draft || seen.has(sender.email.toLowerCase())) continue;
    seen.add(sender.email.toLowerCase());
    senders.push(sender);
  }
  if (senders.length > 0) return senders;
  return row.email.from ?? [];
}

/** A change of keywords: true sets, false takes away. */
export type KeywordPatch = Record<string, boolean>;

export function patched(keywords: Keywords, patch: KeywordPatch): Keywords {
  const next: Keywords = { ...keywords };
  for (const [keyword, wanted] of Object.entries(patch)) {
    if (wanted) next[keyword] = true;
    else delete next[keyword];
  }
  return next;
}

/** The row after its mails' keywords changed; the same row when none of them is among `ids`. */
export function withKeywords(row: Row, ids: ReadonlySet<Id>, patch: KeywordPatch): Row {
  if (!row.members.some(({ id }) => ids.has(id)) && !ids.has(row.email.id)) return row;
  const change = <E extends ThreadMember>(email: E): E =>
    ids.has(email.id) ? { ...email, keywords: patched(email.keywords, patch) } : email;
  return { ...row, email: change(row.email), members: row.members.map(change) };
}
