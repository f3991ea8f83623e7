import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { keyOf, pages } from "@yanshu/api/query";
import { EmptyState, problemText, StatusTag, type StatusTone } from "@yanshu/ui";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { type TableColumn, VirtualTable } from "../../parts/VirtualTable";
import { api } from "../../server";
import type { Import, ImportRow } from "../../server/types";
import { useMay } from "../../session/session";
import { ChangeCellView } from "./ChangeCellView";
import { keepMended, looseErrors, type RowOutcome, tiles, withKept } from "./changeSet";

const route = getRouteApi("/shell/imports/$importId");

const widths: Record<string, number> = {
  name: 130,
  gender: 90,
  mobile: 190,
  department: 260,
  mail_prefix: 150,
  account_name: 150,
  join_date: 150,
  birthday: 150,
  expires_on: 150,
  remarks: 200,
};

const outcomeTones: Record<RowOutcome, StatusTone> = {
  create: "success",
  update: "info",
  move: "info",
  unchanged: "neutral",
  conflict: "warning",
  error: "danger",
};

type RowPage = { items: ImportRow[]; next: string | null };

const none: ReadonlyMap<number, ImportRow> = new Map();

/** The plan row by row: tiles that filter, the file's own row numbers, old and new, errors on their cells, cells mended in place. */
export function ChangeTable({ current }: { current: Import }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const may = useMay();
  const client = useQueryClient();
  const { outcome, result } = route.useSearch();
  const navigate = route.useNavigate();

  const options = pages(api.listImportRows, { path: { id: current.id }, query: { outcome, result, limit: 200 } });
  const answer = useInfiniteQuery({ ...options, placeholderData: keepPreviousData });
  // A mended row stays where it is, whatever filter it no longer meets, so that nothing jumps away from under the hands.
  const filter = `${outcome} ${result}`;
  const [mended, setMended] = useState({ filter, rows: none });
  const kept = mended.filter === filter ? mended.rows : none;
  const rows = useMemo(
    () => withKept(answer.data?.pages.flatMap((page) => page.items) ?? [], kept),
    [answer.data, kept],
  );
  const editable = current.state === "planned" && may("import_members");
  const known = useMemo(
    () =>
      (current.layout?.columns ?? [])
        // The cells of a row stand in the order of the columns.
        .map((column, place) => ({ ...column, place }))
        .filter((column) => column.key !== null && column.key !== "number"),
    [current.layout],
  );
  const keys = useMemo(() => new Set(known.map((column) => column.key ?? "")), [known]);

  async function mend(row: ImportRow, column: string, value: string) {
    try {
      const planned = await api.updateImportRow({
        path: { id: current.id, row: row.row_number },
        body: { cells: { [column]: value } },
      });
      setMended((before) => ({ filter, rows: keepMended(before.filter === filter ? before.rows : none, planned) }));
      client.setQueryData<InfiniteData<RowPage>>(options.queryKey, (before) =>
        before === undefined
          ? before
          : {
              ...before,
              pages: before.pages.map((page) => ({
                ...page,
                items: page.items.map((item) => (item.row_number === planned.row_number ? planned : item)),
              })),
            },
      );
      // The server has planned every row anew that shares a value with this one.
      void client.invalidateQueries({ queryKey: keyOf(api.getImport, { path: { id: current.id } }) });
      void client.invalidateQueries({ queryKey: keyOf(api.listImportRows) });
      if (planned.errors.length === 0) notices.done(t("changeSet.mended", { row: row.row_number }));
    } catch (cause) {
      notices.failed(cause);
      throw cause;
    }
  }

  const columns: Array<TableColumn<ImportRow>> = [
    { key: "row", title: t("changeSet.row"), width: 70, align: "right", cell: (row) => row.row_number },
    {
      key: "outcome",
      title: t("changeSet.outcome"),
      width: 100,
      cell: (row) => (
        <>
          <StatusTag tone={outcomeTones[row.outcome]}>{t(`outcomes.${row.outcome}`)}</StatusTag>
          {row.result === null ? null : <div className="part-quiet">{t(`rowResults.${row.result}`)}</div>}
        </>
      ),
    },
    ...known.map((column) => {
      const key = column.key ?? "";
      const secret = key === "initial_password";
      return {
        key,
        title: column.heading || t(`columns.${key}`),
        width: widths[key] ?? 130,
        grow: true,
        cell: (row: ImportRow) =>
          secret && row.errors.every((error) => error.column !== key) ? (
            <span className="part-quiet">{t("changeSet.secret")}</span>
          ) : (
            <ChangeCellView
              row={row}
              column={key}
              index={column.place}
              label={column.heading || t(`columns.${key}`)}
              onMend={editable ? (value) => mend(row, key, value) : undefined}
            />
          ),
      };
    }),
    {
      key: "loose",
      title: t("changeSet.loose"),
      width: 240,
      grow: true,
      cell: (row) => {
        const errors = looseErrors(row, keys);
        return errors.length === 0 ? null : (
          <ul className="cell-errors">
            {errors.map((error) => (
              <li key={`${error.column}-${error.code}`}>{problemText(t, error)}</li>
            ))}
          </ul>
        );
      },
    },
  ];
  const withLoose = rows.some((row) => looseErrors(row, keys).length > 0);

  return (
    <>
      <fieldset className="tiles" aria-label={t("changeSet.tiles")}>
        <Tile
          label={t("changeSet.all")}
          count={formats.number(current.rows_total)}
          pressed={outcome === undefined && result === undefined}
          onPress={() => void navigate({ search: {} })}
        />
        {tiles(current.summary).map((tile) => (
          <Tile
            key={tile.outcome}
            outcome={tile.outcome}
            label={t(`outcomes.${tile.outcome}`)}
            count={formats.number(tile.count)}
            pressed={outcome === tile.outcome}
            disabled={!tile.selectable && outcome !== tile.outcome}
            onPress={() => void navigate({ search: outcome === tile.outcome ? {} : { outcome: tile.outcome } })}
          />
        ))}
        {current.rows_failed > 0 ? (
          <Tile
            outcome="error"
            label={t("rowResults.failed")}
            count={formats.number(current.rows_failed)}
            pressed={result === "failed"}
            onPress={() => void navigate({ search: result === "failed" ? {} : { result: "failed" } })}
          />
        ) : null}
      </fieldset>
      {answer.isError && rows.length === 0 ? (
        <Failed problem={answer.error} retry={() => void answer.refetch()} />
      ) : (
        <VirtualTable
          label={t("changeSet.table")}
          rows={rows}
          rowKey={(row) => String(row.row_number)}
          columns={withLoose ? columns : columns.slice(0, -1)}
          measured
          loading={answer.isPending}
          more={
            answer.hasNextPage
              ? { load: () => void answer.fetchNextPage({ cancelRefetch: false }), loading: answer.isFetchingNextPage }
              : undefined
          }
          empty={<EmptyState title={t("changeSet.empty")} />}
        />
      )}
    </>
  );
}

interface TileProps {
  label: string;
  count: string;
  pressed: boolean;
  disabled?: boolean;
  outcome?: RowOutcome;
  onPress: () => void;
}

function Tile({ label, count, pressed, disabled = false, outcome, onPress }: TileProps) {
  return (
    <button
      type="button"
      className={`tile${outcome === undefined ? "" : ` tile-${outcome}`}`}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
    >
      <span className="tile-label">{label}</span> <span className="tile-count">{count}</span>
    </button>
  );
}
