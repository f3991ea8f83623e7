import { CaretDownFilled, CaretUpFilled } from "@ant-design/icons";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Checkbox, theme } from "antd";
import { type CSSProperties, type Key, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

export interface VirtualColumn<R> {
  key: string;
  title: ReactNode;
  width: number;
  align?: "start" | "end";
  /** Can be ordered by; the header becomes a button. */
  sortable?: boolean;
  cell: (row: R, index: number) => ReactNode;
}

interface VirtualTableProps<R> {
  /** Read by screen readers as the table's name. */
  caption: string;
  rows: R[];
  rowKey: (row: R) => string;
  columns: VirtualColumn<R>[];
  height: number | string;
  rowHeight?: number;
  /** How many rows there are in all, also those not loaded yet. */
  total?: number;
  sort?: { key: string; descending: boolean } | undefined;
  onSort?: (key: string, descending: boolean) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (keys: Set<string>) => void;
  selectLabel?: (row: R) => string;
  onOpen?: (row: R) => void;
  /** The key of the row whose details are open. */
  openKey?: string | null;
  /** Called when the last loaded rows come into sight. */
  onEnd?: () => void;
  empty?: ReactNode;
}

/** A real table of any length: only the rows in sight are in the page, rows may grow with their content. */
export function VirtualTable<R>(props: VirtualTableProps<R>) {
  const { rows, columns, rowHeight = 44, onEnd, selected, onSelect } = props;
  const { token } = theme.useToken();
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => (rows[index] === undefined ? index : props.rowKey(rows[index])),
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= 0 && last >= rows.length - 1) onEnd?.();
  }, [last, rows.length, onEnd]);

  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const span = columns.length + (onSelect ? 1 : 0);
  const line = `${token.lineWidth}px solid ${token.colorBorderSecondary}`;
  const head: CSSProperties = {
    position: "sticky",
    top: 0,
    zIndex: 2,
    height: 40,
    padding: "0 12px",
    textAlign: "start",
    fontWeight: 600,
    whiteSpace: "nowrap",
    background: token.colorBgContainer,
    color: token.colorTextSecondary,
    borderBottom: line,
  };
  const loadedKeys = rows.map(props.rowKey);
  const chosen = selected ? loadedKeys.filter((key) => selected.has(key)).length : 0;

  return (
    <section
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      aria-label={props.caption}
      style={{ height: props.height, overflow: "auto", background: token.colorBgContainer }}
    >
      <table
        aria-rowcount={props.total ?? rows.length}
        style={{
          width: "100%",
          minWidth: columns.reduce((sum, column) => sum + column.width, onSelect ? 44 : 0),
          tableLayout: "fixed",
          borderCollapse: "separate",
          borderSpacing: 0,
          fontVariantNumeric: "tabular-nums",
          color: token.colorText,
        }}
      >
        <caption className="yanshu-hidden">{props.caption}</caption>
        <colgroup>
          {onSelect && <col style={{ width: 44 }} />}
          {columns.map((column) => (
            <col key={column.key} style={{ width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {onSelect && (
              <th scope="col" style={head}>
                <Checkbox
                  aria-label={t("ui.table.selectAll")}
                  checked={rows.length > 0 && chosen === rows.length}
                  indeterminate={chosen > 0 && chosen < rows.length}
                  onChange={(event) => onSelect(event.target.checked ? new Set(loadedKeys) : new Set())}
                />
              </th>
            )}
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={props.sort} onSort={props.onSort} style={head} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Spacer span={span} height={before} />}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const key = props.rowKey(row);
            const marked = selected?.has(key) || props.openKey === key;
            const cell: CSSProperties = {
              padding: "8px 12px",
              borderBottom: line,
              overflowWrap: "anywhere",
              background: marked ? token.colorPrimaryBg : undefined,
            };
            return (
              <tr
                key={item.key as Key}
                ref={virtual.measureElement}
                data-index={item.index}
                aria-rowindex={item.index + 1}
                aria-selected={selected ? selected.has(key) : undefined}
                onClick={props.onOpen && (() => props.onOpen?.(row))}
                style={{ height: rowHeight, cursor: props.onOpen ? "pointer" : undefined }}
              >
                {onSelect && (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: only keeps the click on the tick box from opening the row.
                  <td style={cell} onClick={(event) => event.stopPropagation()}>
                    <Checkbox
                      aria-label={props.selectLabel?.(row) ?? t("ui.table.selectRow")}
                      checked={selected?.has(key) ?? false}
                      onChange={(event) => {
                        const next = new Set(selected);
                        if (event.target.checked) next.add(key);
                        else next.delete(key);
                        onSelect(next);
                      }}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.key} style={{ ...cell, textAlign: column.align ?? "start" }}>
                    {column.cell(row, item.index)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Spacer span={span} height={after} />}
        </tbody>
      </table>
      {rows.length === 0 && props.empty}
    </section>
  );
}

function Spacer({ span, height }: { span: number; height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height, padding: 0 }} />
    </tr>
  );
}

function HeadCell<R>({
  column,
  sort,
  onSort,
  style,
}: {
  column: VirtualColumn<R>;
  sort: { key: string; descending: boolean } | undefined;
  onSort: ((key: string, descending: boolean) => void) | undefined;
  style: CSSProperties;
}) {
  const { token } = theme.useToken();
  const active = sort?.key === column.key;
  const order = active ? (sort?.descending ? "descending" : "ascending") : undefined;
  return (
    <th scope="col" aria-sort={order} style={{ ...style, textAlign: column.align ?? "start" }}>
      {column.sortable && onSort ? (
        <button
          type="button"
          onClick={() => onSort(column.key, active ? !sort?.descending : false)}
          style={{
            all: "unset",
            cursor: "pointer",
            display: "inline-flex",
            alignItems: "center",
            gap: 4,
            outline: "revert",
            color: active ? token.colorPrimary : undefined,
          }}
        >
          {column.title}
          <span aria-hidden style={{ fontSize: 10, opacity: active ? 1 : 0.4 }}>
            {order === "descending" ? <CaretDownFilled /> : <CaretUpFilled />}
          </span>
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}
