import type { Email, EmailAddress, EmailFilter } from "../types";

function textOf(email: Email): string {
  const people = [...(email.from ?? []), ...(email.to ?? []), ...(email.cc ?? [])];
  const bodies = Object.values(email.bodyValues).map(({ value }) => value);
  return [email.subject, ...people.flatMap(({ name, email: address }) => [name, address]), ...bodies].join("\n");
}

/** Whether a filter lets a mail through (RFC 8621 §4.4.1). */
export function matches(email: Email, filter: EmailFilter): boolean {
  if ("operator" in filter) {
    const each = filter.conditions.map((condition) => matches(email, condition));
    if (filter.operator === "AND") return each.every(Boolean);
    return filter.operator === "OR" ? each.some(Boolean) : !each.some(Boolean);
  }
  const people = (addresses: EmailAddress[] | null) =>
    (addresses ?? []).map(({ name, email: address }) => `${name ?? ""} ${address}`).join(" ");
  const found = (text: string | null, wanted: string) => (text ?? "").toLowerCase().includes(wanted.toLowerCase());
  const mailboxes = Object.keys(email.mailboxIds);
  return [
    filter.inMailbox === undefined || mailboxes.includes(filter.inMailbox),
    filter.inMailboxOtherThan === undefined || mailboxes.some((id) => !filter.inMailboxOtherThan?.includes(id)),
    filter.hasKeyword === undefined || email.keywords[filter.hasKeyword] === true,
    filter.notKeyword === undefined || email.keywords[filter.notKeyword] !== true,
    filter.hasAttachment === undefined || email.hasAttachment === filter.hasAttachment,
    filter.text === undefined || found(textOf(email), filter.text),
    filter.from === undefined || found(people(email.from), filter.from),
    filter.to === undefined || found(people(email.to), filter.to),
    filter.cc === undefined || found(people(email.cc), filter.cc),
    filter.subject === undefined || found(email.subject, filter.subject),
    filter.after === undefined || email.receivedAt >= filter.after,
    filter.before === undefined || email.receivedAt < filter.before,
  ].every(Boolean);
}

/** What a filter looks for in texts. */
export function wordsOf(filter: EmailFilter): string[] {
  if ("operator" in filter) return filter.conditions.flatMap(wordsOf);
  return [filter.text, filter.subject].filter((word): word is string => word !== undefined);
}
