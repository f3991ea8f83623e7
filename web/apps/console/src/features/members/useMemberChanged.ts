import { useQueryClient } from "@tanstack/react-query";
import { keyOf } from "@yanshu/api/query";
import { useCallback } from "react";
import { api } from "../../server";
import type { Member } from "../../server/types";

/** Shows a member as the server just answered, and asks anew for every list the change may show in. */
export function useMemberChanged() {
  const client = useQueryClient();
  return useCallback(
    (member: Member) => {
      client.setQueryData(keyOf(api.getMember, { path: { id: member.id } }), member);
      for (const list of [api.listMembers, api.listDepartments, api.listAuditEvents, api.getOverview]) {
        void client.invalidateQueries({ queryKey: [list.id] });
      }
    },
    [client],
  );
}
