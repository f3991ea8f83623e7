import type { Mailbox, SetError } from "../types";
import type { Args, FakeAccount } from "./FakeAccount";
import { accountId } from "./session";

/** The mailboxes with what is in them counted. */
export function counted(account: FakeAccount): Mailbox[] {
  return account.mailboxes.map((mailbox) => {
    const inside = [...account.emails.values()].filter((email) => email.mailboxIds[mailbox.id]);
    const unread = inside.filter((email) => !email.keywords.$seen && !email.keywords.$draft);
    return {
      ...mailbox,
      totalEmails: inside.length,
      unreadEmails: unread.length,
      totalThreads: new Set(inside.map(({ threadId }) => threadId)).size,
      unreadThreads: new Set(unread.map(({ threadId }) => threadId)).size,
    };
  });
}

/** Mailbox/set (RFC 8621 §2.5). */
export function setMailboxes(account: FakeAccount, args: Args) {
  const created: Record<string, object> = {};
  const notCreated: Record<string, SetError> = {};
  for (const [key, value] of Object.entries((args.create ?? {}) as Record<string, Partial<Mailbox>>)) {
    const twin = account.mailboxes.some(({ name, parentId }) => name === value.name && parentId === value.parentId);
    if (twin) notCreated[key] = { type: "alreadyExists", properties: ["name"] };
    else created[key] = { id: account.addMailbox(value.name ?? "", value.parentId ?? null) };
  }
  for (const [id, patch] of Object.entries((args.update ?? {}) as Record<string, Partial<Mailbox>>)) {
    account.mailboxes = account.mailboxes.map((mailbox) => (mailbox.id === id ? { ...mailbox, ...patch } : mailbox));
  }
  const destroyed = (args.destroy ?? []) as string[];
  account.mailboxes = account.mailboxes.filter(({ id }) => !destroyed.includes(id));
  account.state += 1;
  return { accountId, oldState: null, newState: String(account.state), created, notCreated, destroyed };
}
