import { useSuspenseQuery } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { q } from "@yanshu/api/query";

/** Who is signed in. It changes only by signing in or out, which load the page anew. */
export const sessionQuery = { ...q(api.getSession), staleTime: Number.POSITIVE_INFINITY };

export function useSession() {
  return useSuspenseQuery(sessionQuery).data;
}
