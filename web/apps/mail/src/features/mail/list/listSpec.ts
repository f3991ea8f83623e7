import type { EmailFilter } from "@yanshu/api/jmap";
import type { ListSpec } from "../store/mailList";
import type { Show } from "./ListHead";
import { filterOf, parseSearch } from "./search";

/** What a list is of: a folder or everything with a star, all or a part of it, or what a search finds. */
export function specOf(
  mailboxId: string | undefined,
  role: string | null,
  query: string | undefined,
  everywhere: boolean,
  show: Show,
  asideIds: string[],
  zone: string,
): ListSpec {
  if (query !== undefined) {
    const here = everywhere ? undefined : mailboxId;
    const filter = filterOf(parseSearch(query), { mailboxId: here, except: asideIds, zone });
    return { filter, collapseThreads: false, mailboxId: here ?? null, asideIds };
  }
  const place: EmailFilter = mailboxId === undefined ? { inMailboxOtherThan: asideIds } : { inMailbox: mailboxId };
  const starred = mailboxId === undefined || show === "starred";
  const conditions: EmailFilter[] = [
    place,
    ...(starred ? [{ hasKeyword: "$flagged" }] : []),
    ...(show === "unread" ? [{ notKeyword: "$seen" }] : []),
  ];
  return {
    filter: conditions.length === 1 ? place : { operator: "AND", conditions },
    collapseThreads: mailboxId !== undefined && role !== "drafts" && role !== "sent" && show === "all",
    mailboxId: mailboxId ?? null,
    asideIds,
  };
}
