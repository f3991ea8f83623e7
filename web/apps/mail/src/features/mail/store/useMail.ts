import type { QueryClient } from "@tanstack/react-query";
import { queryOptions, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { fetchJmapSession, JmapClient, listenForChanges, type Mailbox } from "@yanshu/api/jmap";
import { useEffect } from "react";
import { MailStore } from "./mailStore";
import { keys, mailboxesQuery } from "./queries";

/** The member's mail. It changes only by signing in or out, which load the page anew. */
export const mailQuery = (queries: QueryClient) =>
  queryOptions({
    queryKey: keys.client,
    queryFn: async ({ signal }) => new MailStore(new JmapClient(await fetchJmapSession(signal)), queries),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });

/** The mail account, where the page has loaded it before it was shown. */
export function useMail(): MailStore {
  return useSuspenseQuery(mailQuery(useQueryClient())).data;
}

/** The mail account, or undefined while it is not known or there is none. */
export function useMailIfThere(): MailStore | undefined {
  return useQuery({ ...mailQuery(useQueryClient()), enabled: false }).data;
}

export function useMailboxes(): Mailbox[] {
  const mail = useMail();
  return useSuspenseQuery(mailboxesQuery(mail.client)).data.list;
}

// Several types change with one delivery; they are told apart by moments only.
const breath = 120;

/** Keeps everything that is shown of the mail fresh while the page is open. */
export function useMailEvents(mail: MailStore | undefined) {
  useEffect(() => {
    if (mail === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void mail.changed().catch(() => {});
      }, breath);
    };
    const types = ["Email", "Mailbox", "Thread", "EmailDelivery", "EmailSubmission"];
    const stop = listenForChanges(mail.client, types, { onChange: changed, onMissed: changed });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [mail]);
}
