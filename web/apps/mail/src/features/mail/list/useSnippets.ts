import { useQueries } from "@tanstack/react-query";
import type { Id, SearchSnippet } from "@yanshu/api/jmap";
import { useMemo } from "react";
import { type ListSnapshot, type MailList, pageSize } from "../store/mailList";
import { keys } from "../store/queries";
import { useMail } from "../store/useMail";

/** Where a search was found in each of its loaded mails; undefined when nothing is searched for. */
export function useSnippets(list: MailList, snapshot: ListSnapshot | null): ReadonlyMap<Id, SearchSnippet> | undefined {
  const { client } = useMail();
  const pages = useMemo(() => (snapshot === null ? [] : pagesOf(snapshot)), [snapshot]);
  const answers = useQueries({
    queries: pages.map((emailIds) => ({
      queryKey: [...keys.snippets, list.spec.filter, emailIds],
      queryFn: async () => (await client.call("SearchSnippet/get", { filter: list.spec.filter, emailIds })).list,
      staleTime: Number.POSITIVE_INFINITY,
      // Without snippets the previews are shown.
      retry: false,
    })),
    combine: (results) => results.map(({ data }) => data),
  });
  return useMemo(() => {
    if (snapshot === null) return undefined;
    return new Map(answers.flatMap((page) => page ?? []).map((snippet) => [snippet.emailId, snippet]));
  }, [answers, snapshot]);
}

function pagesOf({ positions }: ListSnapshot): Id[][] {
  const pages = new Map<number, Id[]>();
  for (const [place, id] of [...positions].sort(([a], [b]) => a - b)) {
    const page = Math.floor(place / pageSize);
    pages.set(page, [...(pages.get(page) ?? []), id]);
  }
  return [...pages.values()];
}
