import { useVirtualizer } from "@tanstack/react-virtual";
import { Checkbox, Skeleton } from "antd";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNarrow } from "./useNarrow";
import "./VirtualTable.css";

export interface TableColumn<Row> {
  key: string;
  title: ReactNode;
  /** Pixels; columns that grow share what is left over. */
  width: number;
  grow?: boolean;
  align?: "right";
  /** Given, the heading is a button that sorts by it. */
  sortKey?: string;
  cell: (row: Row) => ReactNode;
}

export interface TableSelection {
  keys: ReadonlySet<string>;
  change: (keys: Set<string>) => void;
  /** What the box of a row is called. */
  label: (key: string) => string;
}

interface VirtualTableProps<Row> {
  label: string;
  columns: ReadonlyArray<TableColumn<Row>>;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** How many there are in all, when more than are loaded. */
  total?: number;
  rowHeight?: number;
  /** Rows may be higher than `rowHeight`. */
  measured?: boolean;
  loading?: boolean;
  more?: { load: () => void; loading: boolean };
  empty: ReactNode;
  sort?: { key: string; descending: boolean };
  onSort?: (key: string, descending: boolean) => void;
  selection?: TableSelection;
  onOpen?: (row: Row) => void;
  openKey?: string;
  rowClass?: (row: Row) => string | undefined;
  /** How a row looks where there is no room for columns. */
  card?: (row: Row) => ReactNode;
}

/**
 * A table of any length: only what is in sight is in the document, and more is loaded as its end comes near.
 * `j` and `k` or the arrows walk the rows, Enter opens one, `x` or the space bar selects it.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { columns, rows, rowKey, rowHeight = 40, selection, more, onOpen, sort } = props;
  const { t } = useTranslation();
  const narrow = useNarrow();
  const asCards = narrow && props.card !== undefined;
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const moved = useRef(false);

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (asCards ? 84 : rowHeight),
    overscan: 12,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const items = virtualizer.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (more !== undefined && !more.loading && lastShown >= rows.length - 40) more.load();
  }, [lastShown, rows.length, more]);

  useEffect(() => {
    if (!moved.current) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${current}"]`);
    // A row far away comes into the document a moment after the table was scrolled to it.
    if (!row) return;
    moved.current = false;
    row.focus();
  });

  const template = [
    ...(selection === undefined ? [] : ["44px"]),
    ...columns.map((column) =>
      column.grow === true ? `minmax(${column.width}px, ${column.width}fr)` : `${column.width}px`,
    ),
  ].join(" ");
  const minWidth = columns.reduce((sum, column) => sum + column.width, selection === undefined ? 0 : 44);

  function toggle(key: string) {
    if (selection === undefined) return;
    const keys = new Set(selection.keys);
    if (!keys.delete(key)) keys.add(key);
    selection.change(keys);
  }

  function walk(to: number) {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    moved.current = true;
    setCurrent(index);
    virtualizer.scrollToIndex(index);
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.target instanceof HTMLInputElement && event.target.type !== "checkbox") return;
    if (event.target instanceof HTMLTextAreaElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[current];
    switch (event.key) {
      case "j":
      case "ArrowDown":
        walk(current + 1);
        break;
      case "k":
      case "ArrowUp":
        walk(current - 1);
        break;
      case "PageDown":
        walk(current + 15);
        break;
      case "PageUp":
        walk(current - 15);
        break;
      case "Home":
        walk(0);
        break;
      case "End":
        walk(rows.length - 1);
        break;
      case "Enter":
        if (row === undefined || onOpen === undefined || event.target instanceof HTMLButtonElement) return;
        onOpen(row);
        break;
      case "x":
      case " ":
        if (row === undefined || selection === undefined || event.target instanceof HTMLButtonElement) return;
        if (event.target instanceof HTMLInputElement) return;
        toggle(rowKey(row));
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  const loadedKeys = selection === undefined ? [] : rows.map(rowKey);
  const selectedLoaded = selection === undefined ? 0 : loadedKeys.filter((key) => selection.keys.has(key)).length;

  if (props.loading === true) {
    return (
      <div className="vt" aria-busy="true" aria-label={props.label} role="status">
        <Skeleton active title={false} paragraph={{ rows: 12, width: "100%" }} className="vt-skeleton" />
      </div>
    );
  }

  if (rows.length === 0) {
    return (
      <div className="vt">
        <div className="vt-empty">{props.empty}</div>
      </div>
    );
  }

  return (
    <div className="vt">
      <div
        ref={scroller}
        className="vt-scroll"
        role="grid"
        tabIndex={-1}
        aria-label={props.label}
        aria-rowcount={(props.total ?? rows.length) + 1}
        aria-multiselectable={selection === undefined ? undefined : true}
        onKeyDown={onKeyDown}
      >
        {asCards ? null : (
          <div
            className="vt-row vt-head"
            role="row"
            aria-rowindex={1}
            style={{ gridTemplateColumns: template, minWidth }}
          >
            {selection === undefined ? null : (
              <div className="vt-cell vt-box" role="columnheader">
                <Checkbox
                  aria-label={t("table.selectLoaded")}
                  checked={rows.length > 0 && selectedLoaded === rows.length}
                  indeterminate={selectedLoaded > 0 && selectedLoaded < rows.length}
                  onChange={(event) => selection.change(new Set(event.target.checked ? loadedKeys : []))}
                />
              </div>
            )}
            {columns.map((column) => (
              <Heading key={column.key} column={column} sort={sort} onSort={props.onSort} />
            ))}
          </div>
        )}
        <div
          className="vt-body"
          role="rowgroup"
          style={{ height: virtualizer.getTotalSize(), minWidth: asCards ? undefined : minWidth }}
        >
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const key = rowKey(row);
            const selected = selection?.keys.has(key) ?? false;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys of all rows
              <div
                key={item.key}
                ref={props.measured === true || asCards ? virtualizer.measureElement : undefined}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={selection === undefined ? undefined : selected}
                aria-current={props.openKey === key ? "true" : undefined}
                tabIndex={item.index === Math.min(current, rows.length - 1) ? 0 : -1}
                className={`vt-row${onOpen === undefined ? "" : " vt-opens"}${asCards ? " vt-card" : ""} ${props.rowClass?.(row) ?? ""}`}
                style={{
                  transform: `translateY(${item.start}px)`,
                  gridTemplateColumns: asCards ? undefined : template,
                  minHeight: asCards ? undefined : rowHeight,
                }}
                onFocus={() => setCurrent(item.index)}
                onClick={(event) => {
                  if (onOpen !== undefined && !isControl(event.target, event.currentTarget)) onOpen(row);
                }}
              >
                {selection === undefined ? null : (
                  <div className="vt-cell vt-box" role="gridcell">
                    <Checkbox
                      aria-label={selection.label(key)}
                      checked={selected}
                      tabIndex={-1}
                      onChange={() => toggle(key)}
                    />
                  </div>
                )}
                {asCards ? (
                  <div className="vt-cell vt-card-body" role="gridcell">
                    {props.card?.(row)}
                  </div>
                ) : (
                  columns.map((column) => (
                    <div
                      key={column.key}
                      role="gridcell"
                      className={`vt-cell${column.align === "right" ? " vt-right" : ""}`}
                    >
                      {column.cell(row)}
                    </div>
                  ))
                )}
              </div>
            );
          })}
        </div>
      </div>
      {more?.loading === true ? (
        <div className="vt-more" role="status">
          {t("table.loadingMore")}
        </div>
      ) : null}
    </div>
  );
}

function isControl(target: EventTarget, within: Element): boolean {
  if (!(target instanceof Element) || !within.contains(target)) return true;
  return target.closest("button, a, input, label, textarea, [role=button], [role=combobox]") !== null;
}

interface HeadingProps<Row> {
  column: TableColumn<Row>;
  sort: { key: string; descending: boolean } | undefined;
  onSort: ((key: string, descending: boolean) => void) | undefined;
}

function Heading<Row>({ column, sort, onSort }: HeadingProps<Row>) {
  const { sortKey } = column;
  const sorted = sortKey !== undefined && sort?.key === sortKey;
  const order = !sorted ? "none" : sort.descending ? "descending" : "ascending";
  return (
    <div
      role="columnheader"
      aria-sort={sortKey === undefined ? undefined : order}
      className={`vt-cell${column.align === "right" ? " vt-right" : ""}`}
    >
      {sortKey === undefined || onSort === undefined ? (
        column.title
      ) : (
        <button type="button" className="vt-sort" onClick={() => onSort(sortKey, sorted && !sort.descending)}>
          {column.title}
          <span aria-hidden="true" className={sorted ? "vt-arrow vt-arrow-on" : "vt-arrow"}>
            {sorted && sort.descending ? "↓" : "↑"}
          </span>
        </button>
      )}
    </div>
  );
}
