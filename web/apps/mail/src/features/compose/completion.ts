import { useQuery } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { Batch, type Email, type EmailAddress } from "@yanshu/api/jmap";
import { q } from "@yanshu/api/query";
import { useDebounced } from "@yanshu/ui";
import { useMemo } from "react";
import { sameAddress, withoutRepeats } from "../mail/parts/addresses";
import type { MailStore } from "../mail/store/mailStore";

/** Somebody a mail could go to. */
export interface Suggestion extends EmailAddress {
  /** Where a colleague works; empty for others. */
  detail: string;
}

const mostShown = 8;
/** So many sent mails tell whom one writes to. */
const sentLooked = 100;

/** Those whom the member wrote to lately, the latest first. */
export function useRecentRecipients(mail: MailStore): EmailAddress[] | undefined {
  return useQuery({
    queryKey: ["jmap", "recipients"],
    queryFn: async () => {
      const { accountId } = mail.client;
      const sent = mail.mailboxOf("sent");
      if (sent === undefined) return [];
      const batch = new Batch();
      const query = batch.add("Email/query", {
        accountId,
        filter: { inMailbox: sent.id },
        sort: [{ property: "receivedAt", isAscending: false }],
        limit: sentLooked,
      });
      const emails = batch.add("Email/get", { accountId, "#ids": query.ref("/ids"), properties: ["to", "cc"] });
      await mail.client.send(batch);
      const list = emails.answer().list as Pick<Email, "to" | "cc">[];
      return withoutRepeats(list.flatMap(({ to, cc }) => [...(to ?? []), ...(cc ?? [])]));
    },
    staleTime: 300_000,
    retry: false,
  }).data;
}

/** Colleagues and recent recipients that fit what is typed. */
export function useSuggestions(mail: MailStore, typed: string, chosen: readonly EmailAddress[]): Suggestion[] {
  const text = typed.trim();
  const rested = useDebounced(text, 120);
  const recent = useRecentRecipients(mail);
  const colleagues = useQuery({
    ...q(api.listDirectoryMembers, { query: { search: rested, limit: mostShown } }),
    enabled: rested !== "" && !rested.includes("<"),
    staleTime: 60_000,
    placeholderData: (before) => before,
  }).data?.items;
  return useMemo(() => {
    if (text === "") return [];
    return suggest(text, recent ?? [], colleagues ?? [], chosen);
  }, [text, recent, colleagues, chosen]);
}

interface Found {
  name: string;
  address?: string | null;
  departments: { path: string[]; position?: string | null }[];
}

/** Recent recipients first, then colleagues; nobody twice, and nobody who is chosen already. */
export function suggest(
  text: string,
  recent: readonly EmailAddress[],
  colleagues: readonly Found[],
  chosen: readonly EmailAddress[],
): Suggestion[] {
  const wanted = text.toLowerCase();
  const known = new Map(
    colleagues.flatMap((one) => (one.address ? [[one.address.toLowerCase(), placeOf(one)] as const] : [])),
  );
  const latest = recent
    .filter(({ name, email }) => `${name ?? ""} ${email}`.toLowerCase().includes(wanted))
    .slice(0, 4)
    .map((one) => ({ ...one, detail: known.get(one.email.toLowerCase()) ?? "" }));
  const others = colleagues.flatMap((one) =>
    one.address ? [{ name: one.name, email: one.address, detail: placeOf(one) }] : [],
  );
  return withoutRepeats([...latest, ...others])
    .filter(({ email }) => !chosen.some((one) => sameAddress(one.email, email)))
    .slice(0, mostShown);
}

function placeOf({ departments: [main] }: Found): string {
  if (main === undefined) return "";
  return [main.path.at(-1), main.position].filter(Boolean).join(" · ");
}
