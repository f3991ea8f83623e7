import type { Email, EmailFilter, SetError, Thread } from "../types";
import type { Answer, Args, FakeAccount } from "./FakeAccount";
import { matches, wordsOf } from "./filters";
import { accountId } from "./session";

/** The conversations, each with its mails, the oldest first. */
export function threads(account: FakeAccount): Thread[] {
  const byId = new Map<string, Email[]>();
  for (const email of account.emails.values()) byId.set(email.threadId, [...(byId.get(email.threadId) ?? []), email]);
  return [...byId].map(([id, emails]) => ({
    id,
    emailIds: emails.sort((a, b) => a.receivedAt.localeCompare(b.receivedAt)).map((email) => email.id),
  }));
}

/** Email/query (RFC 8621 §4.4), the latest first. */
export function query(account: FakeAccount, args: Args): Answer {
  const filter = (args.filter ?? {}) as EmailFilter;
  let found = [...account.emails.values()]
    .filter((email) => matches(email, filter))
    .sort((a, b) => b.receivedAt.localeCompare(a.receivedAt));
  if (args.collapseThreads === true) {
    const seen = new Set<string>();
    found = found.filter(({ threadId }) => !seen.has(threadId) && seen.add(threadId));
  }
  const ids = found.map(({ id }) => id);
  let position = (args.position as number | undefined) ?? 0;
  if (typeof args.anchor === "string") {
    const at = ids.indexOf(args.anchor);
    if (at < 0) return ["error", { type: "anchorNotFound" }];
    position = Math.max(0, at + ((args.anchorOffset as number | undefined) ?? 0));
  }
  const limit = (args.limit as number | undefined) ?? ids.length;
  return [
    "Email/query",
    {
      accountId,
      queryState: String(account.state),
      canCalculateChanges: false,
      position,
      ids: ids.slice(position, position + limit),
      total: ids.length,
    },
  ];
}

/** Email/set (RFC 8621 §4.6). */
export function setEmails(account: FakeAccount, args: Args, createdIds: Map<string, string>) {
  const created: Record<string, object> = {};
  for (const [key, value] of Object.entries((args.create ?? {}) as Record<string, Partial<Email>>)) {
    const text = value.bodyValues?.[value.textBody?.[0]?.partId ?? ""]?.value ?? "";
    const html = value.bodyValues?.[value.htmlBody?.[0]?.partId ?? ""]?.value;
    const email = account.add({
      mailbox: Object.keys(value.mailboxIds ?? {})[0] ?? "",
      from: value.from?.[0] ?? { name: null, email: "" },
      subject: value.subject ?? "",
      text,
      ...(html === undefined ? {} : { html }),
      receivedAt: new Date().toISOString(),
      keywords: Object.keys(value.keywords ?? {}),
    });
    const origin = [...account.emails.values()].find((one) => value.inReplyTo?.includes(one.messageId?.[0] ?? "?"));
    Object.assign(email, {
      to: value.to ?? null,
      cc: value.cc ?? null,
      bcc: value.bcc ?? null,
      inReplyTo: value.inReplyTo ?? null,
      references: value.references ?? null,
      ...(origin === undefined ? {} : { threadId: origin.threadId }),
      attachments: (value.attachments ?? []).map((part, at) => ({ ...part, partId: `a${at}`, charset: null })),
      hasAttachment: (value.attachments ?? []).some((part) => part.disposition !== "inline"),
    });
    createdIds.set(key, email.id);
    created[key] = { id: email.id, blobId: email.blobId, threadId: email.threadId, size: email.size };
  }
  const updated: Record<string, null> = {};
  const notUpdated: Record<string, SetError> = {};
  for (const [id, patch] of Object.entries((args.update ?? {}) as Record<string, Args>)) {
    const email = account.emails.get(id);
    if (email === undefined) notUpdated[id] = { type: "notFound" };
    else {
      account.patch(email, patch);
      updated[id] = null;
    }
  }
  const destroyed = ((args.destroy ?? []) as string[]).filter((id) => account.emails.delete(id));
  account.state += 1;
  return { accountId, oldState: null, newState: String(account.state), created, updated, notUpdated, destroyed };
}

/** SearchSnippet/get (RFC 8621 §5.1). */
export function snippets(account: FakeAccount, args: Args) {
  const words = wordsOf((args.filter ?? {}) as EmailFilter);
  const marked = (text: string) =>
    words.reduce(
      (marking, word) => marking.replaceAll(word, `<mark>${word}</mark>`),
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    );
  const ids = (args.emailIds ?? []) as string[];
  return {
    accountId,
    list: ids.map((emailId) => {
      const email = account.emails.get(emailId);
      return { emailId, subject: marked(email?.subject ?? ""), preview: marked(email?.preview ?? "") };
    }),
    notFound: null,
  };
}
