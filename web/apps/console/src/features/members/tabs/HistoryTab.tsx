import { useInfiniteQuery } from "@tanstack/react-query";
import { pages } from "@yanshu/api/query";
import { EmptyState, LoadingSkeleton } from "@yanshu/ui";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Failed } from "../../../parts/Failed";
import { useFormats } from "../../../parts/useFormats";
import { api } from "../../../server";
import type { Member } from "../../../server/types";
import { AuditChanges } from "../../audit/AuditChanges";
import { actionText } from "../../audit/auditTexts";

/** Everything that was done to this member. */
export function HistoryTab({ member }: { member: Member }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const events = useInfiniteQuery(
    pages(api.listAuditEvents, { query: { target_kind: "member", target_id: member.id, limit: 30 } }),
  );
  if (events.isPending) return <LoadingSkeleton rows={5} />;
  if (events.isError) return <Failed problem={events.error} retry={() => void events.refetch()} />;
  const rows = events.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) return <EmptyState title={t("history.empty")} />;
  return (
    <>
      <ol className="part-list" aria-label={t("members.tab.history")}>
        {rows.map((event) => (
          <li key={event.id}>
            <div className="part-row">
              <strong>{actionText(t, event.action)}</strong>
              <span className="part-quiet">
                {t("history.by", { name: event.actor.name || t(`actors.${event.actor.kind}`) })} ·{" "}
                {formats.time(event.at)}
              </span>
            </div>
            <AuditChanges event={event} />
          </li>
        ))}
      </ol>
      {events.hasNextPage ? (
        <Button loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
          {t("table.more")}
        </Button>
      ) : null}
    </>
  );
}
