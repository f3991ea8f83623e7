import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { keyOf, pages, useApiMutation } from "@yanshu/api/query";
import {
  ConfirmDanger,
  currentLanguage,
  EmptyState,
  ErrorState,
  LoadingSkeleton,
  PageHeader,
  problemText,
  sizeText,
  TimeText,
} from "@yanshu/ui";
import { App, Button, Checkbox } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "./Section";
import "./recovery.css";

type Removed = Awaited<ReturnType<typeof api.listRemovedMessages>>["items"][number];

/** How many are brought back in one request. */
const most = 100;

/** What was deleted for good and can still be brought back. */
export function RecoveryPage() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const list = useInfiniteQuery(pages(api.listRemovedMessages, { query: { limit: 50 } }));
  const rows = useMemo(() => (list.data?.pages ?? []).flatMap(({ items }) => items), [list.data]);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const chosen = rows.filter(({ id }) => ticked.has(id)).slice(0, most);
  const again = () => {
    setTicked(new Set());
    return queryClient.invalidateQueries({ queryKey: keyOf(api.listRemovedMessages) });
  };
  const restore = useApiMutation(api.restoreRemovedMessages, {
    onSuccess: ({ restored, without_room }) => {
      if (restored.length > 0) void message.success(t("recovery.restored", { count: restored.length }));
      if (without_room.length > 0) void message.warning(t("recovery.withoutRoom", { count: without_room.length }));
      return again();
    },
    onError: (problem) => void message.error(problemText(t, problem)),
  });
  const forget = useApiMutation(api.forgetRemovedMessages, {
    onSuccess: ({ forgotten }) => {
      setAsking(false);
      void message.success(t("recovery.forgotten", { count: forgotten.length }));
      return again();
    },
  });
  const body = { ids: chosen.map(({ id }) => id) };
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  return (
    <>
      <PageHeader title={t("recovery.title")} />
      <Section title={t("recovery.heading")} text={t("recovery.text")}>
        {list.isPending ? (
          <LoadingSkeleton rows={6} />
        ) : list.error ? (
          <ErrorState problem={list.error} onRetry={() => void list.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState title={t("recovery.empty")} text={t("recovery.emptyText")} />
        ) : (
          <>
            <div className="recovery-actions" role="toolbar" aria-label={t("recovery.actions")}>
              <Checkbox
                checked={chosen.length === rows.length}
                indeterminate={chosen.length > 0 && chosen.length < rows.length}
                onChange={({ target }) =>
                  setTicked(new Set(target.checked ? rows.slice(0, most).map(({ id }) => id) : []))
                }
              >
                {t("recovery.chosen", { count: chosen.length })}
              </Checkbox>
              <Button
                type="primary"
                disabled={chosen.length === 0}
                loading={restore.isPending}
                onClick={() => restore.mutate({ body })}
              >
                {t("recovery.restore")}
              </Button>
              <Button danger disabled={chosen.length === 0} onClick={() => setAsking(true)}>
                {t("recovery.forget")}
              </Button>
            </div>
            <ul className="recovery-list">
              {rows.map((row) => (
                <RemovedRow key={row.id} row={row} ticked={ticked.has(row.id)} onTick={(on) => tick(row.id, on)} />
              ))}
            </ul>
            {list.hasNextPage && (
              <Button block loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {t("recovery.more")}
              </Button>
            )}
          </>
        )}
      </Section>
      <ConfirmDanger
        open={asking}
        title={t("recovery.forgetTitle", { count: chosen.length })}
        action={t("recovery.forget")}
        pending={forget.isPending}
        problem={forget.error}
        onConfirm={() => forget.mutate({ body })}
        onCancel={() => setAsking(false)}
      >
        {t("recovery.forgetText")}
      </ConfirmDanger>
    </>
  );
}

function RemovedRow({ row, ticked, onTick }: { row: Removed; ticked: boolean; onTick: (on: boolean) => void }) {
  const { t } = useTranslation();
  const subject = row.subject === "" ? t("recovery.noSubject") : row.subject;
  const from = row.from.map(({ name, address }) => name ?? address).join(t("recovery.comma"));
  return (
    <li>
      <Checkbox
        checked={ticked}
        onChange={({ target }) => onTick(target.checked)}
        aria-label={t("recovery.choose", { subject })}
      />
      <div className="recovery-mail">
        <div className="recovery-line">
          <span className="recovery-from">{from === "" ? t("recovery.noSender") : from}</span>
          <span className="recovery-faint">
            {t("recovery.removed")} <TimeText at={row.removed_at} />
          </span>
        </div>
        <div className="recovery-line">
          <span className="recovery-subject">{subject}</span>
          <span className="recovery-faint">{sizeText(row.size_bytes, currentLanguage())}</span>
        </div>
        <div className="recovery-preview">{row.preview}</div>
      </div>
    </li>
  );
}
