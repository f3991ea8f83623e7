import { useQuery } from "@tanstack/react-query";
import { q } from "@yanshu/api/query";
import { api } from "../server";
import type { Permission, Session } from "../server/types";

export const sessionQuery = () => ({ ...q(api.getConsoleSession), staleTime: 5 * 60_000, retry: false });

/** Who is at the console. Pages are only shown once this is known. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery());
  if (data === undefined) throw new Error("the shell shows no page before the session is known");
  return data;
}

export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}
