import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { pages } from "@yanshu/api/query";
import { EmptyState } from "@yanshu/ui";
import { Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { type TableColumn, VirtualTable } from "../../parts/VirtualTable";
import { api } from "../../server";
import type { QueueMessage } from "../../server/types";
import { QueueDrawer } from "./QueueDrawer";
import { isFiltered, QueueFilters } from "./QueueFilters";
import { AnswerText, DueTime, StandingTag } from "./QueueParts";
import { type QueueSearch, queueQuery, viewOf } from "./queueSearch";
import { messageStanding, recipientCount } from "./queueStanding";
import { useNow } from "./useNow";
import "./queue.css";

const route = getRouteApi("/shell/queue");

/** The mail on its way to other servers: what waits, why, and when it is tried again. */
export function QueuePage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const show = (next: QueueSearch) => void navigate({ search: next });
  const open = (message: string | undefined) => void navigate({ search: (before) => ({ ...before, message }) });

  const messages = useInfiniteQuery({
    ...pages(api.listQueueMessages, { query: { ...queueQuery(search), limit: 100 } }),
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => messages.data?.pages.flatMap((page) => page.items) ?? [], [messages.data]);
  const failed = rows.length === 0 ? messages.error : null;

  const sender = (row: QueueMessage) => row.sender ?? t("queue.notice");

  const first = (row: QueueMessage) => row.next_recipient?.address ?? "";

  /** How many there are besides the one that is named, and in which states when these differ. */
  function counts(row: QueueMessage) {
    const count = recipientCount(row);
    if (count < 2) return "";
    const some = Object.entries(row.counts).filter(([, inState]) => inState > 0);
    if (some.length === 1) return t("queue.inAll", { count, shown: formats.number(count) });
    return some
      .map(([state, inState]) => t(`queue.counts.${state}`, { shown: formats.number(inState) }))
      .join(t("batch.separator"));
  }

  function next(row: QueueMessage) {
    const recipient = row.next_recipient;
    if (row.finished_at !== null)
      return (
        <span className="queue-two part-quiet">
          <span>{t("queue.over")}</span>
          <span>{formats.time(row.finished_at)}</span>
        </span>
      );
    if (recipient?.is_sending === true) return t("queue.sendingNow");
    return recipient?.due_at ? <DueTime at={recipient.due_at} now={now} /> : null;
  }

  const answer = (row: QueueMessage) =>
    row.next_recipient?.last_answer ? <AnswerText answer={row.next_recipient.last_answer} /> : null;

  const columns: Array<TableColumn<QueueMessage>> = [
    {
      key: "state",
      title: t("queue.state"),
      width: 116,
      cell: (row) => <StandingTag standing={messageStanding(row)} />,
    },
    {
      key: "recipients",
      title: t("queue.recipients"),
      width: 170,
      grow: true,
      cell: (row) => (
        <span className="queue-two">
          <span title={first(row)}>{first(row)}</span>
          <span className="part-quiet">{counts(row)}</span>
        </span>
      ),
    },
    {
      key: "sender",
      title: t("queue.sender"),
      width: 150,
      grow: true,
      cell: (row) => (
        <span className="queue-two">
          <span title={sender(row)}>{sender(row)}</span>
          <span className="part-quiet">{formats.time(row.created_at)}</span>
        </span>
      ),
    },
    { key: "answer", title: t("queue.answer"), width: 260, grow: true, cell: answer },
    { key: "next", title: t("queue.next"), width: 150, cell: next },
  ];

  const empty = isFiltered(search) ? (
    <EmptyState
      title={t("queue.noneFound")}
      text={t("queue.noneFoundHelp")}
      action={<Button onClick={() => show({})}>{t("members.clearFilters")}</Button>}
    />
  ) : (
    <EmptyState title={t(`queue.none.${viewOf(search)}`)} text={t(`queue.noneHelp.${viewOf(search)}`)} />
  );

  return (
    <PageFrame fill title={t("queue.title")} help={t("queue.help")}>
      {failed?.isForbidden === true ? null : <QueueFilters search={search} onChange={show} />}
      {failed !== null ? (
        <Failed problem={failed} retry={() => void messages.refetch()} />
      ) : (
        <VirtualTable
          label={t("queue.title")}
          rows={rows}
          rowKey={(row) => row.id}
          columns={columns}
          rowHeight={58}
          loading={messages.isPending}
          more={
            messages.hasNextPage
              ? {
                  load: () => void messages.fetchNextPage({ cancelRefetch: false }),
                  loading: messages.isFetchingNextPage,
                }
              : undefined
          }
          empty={empty}
          onOpen={(row) => open(row.id)}
          openKey={search.message}
          card={(row) => (
            <div className="queue-card">
              <div className="card-top">
                <strong>{first(row)}</strong>
                <StandingTag standing={messageStanding(row)} />
              </div>
              <div className="part-quiet">{counts(row)}</div>
              <div className="part-quiet">{t("queue.from", { sender: sender(row) })}</div>
              {answer(row)}
              <div className="queue-card-next">{next(row)}</div>
            </div>
          )}
        />
      )}
      <QueueDrawer id={search.message} now={now} onClose={() => open(undefined)} />
    </PageFrame>
  );
}
