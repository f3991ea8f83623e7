import { useVirtualizer } from "@tanstack/react-virtual";
import type { Id } from "@yanshu/api/jmap";
import { ErrorState, useMedia } from "@yanshu/ui";
import {
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useTranslation } from "react-i18next";
import type { MailList } from "../store/mailList";
import type { Row } from "../store/rows";
import { useDensity } from "./density";
import { MessageRow, type RowLook } from "./MessageRow";
import type { Selection } from "./selection";
import { useNow } from "./useNow";
import { useSnippets } from "./useSnippets";
import "./list.css";

/** What the page's keys do with the list. */
export interface ListHandle {
  /** Moves the cursor and gives the row it comes to. */
  step: (by: number) => Row | undefined;
  /** The row the cursor is at. */
  current: () => Row | undefined;
  toggle: () => void;
  focus: () => void;
  placeOfCursor: () => number;
}

export type RowAction = "archive" | "trash" | "toggleSeen" | "toggleStar";

interface MessageListProps {
  ref?: Ref<ListHandle>;
  list: MailList;
  /** Read by screen readers as the list's name. */
  label: string;
  look: RowLook;
  selection: Selection;
  /** The row whose mail is open. */
  openId: Id | null;
  /** The filter of a search, to show where it was found. */
  searching: boolean;
  linkOf: (row: Row) => { folder: string; thread: string; search: object };
  onOpen: (row: Row) => void;
  onAction: (action: RowAction, row: Row) => void;
  onDrag: (row: Row) => Row[];
  onDropped: () => void;
  empty: ReactNode;
}

/** Browsers cannot make a page taller than some twenty million pixels; what is further down is found by searching. */
const tallest = 14_000_000;

const heights = { comfortable: 64, compact: 38, phone: 86 };

/** The mails of a folder or search, however many: only those in sight are in the page. */
export function MessageList(props: MessageListProps) {
  const { list, selection, openId } = props;
  const { t } = useTranslation();
  const snapshot = useSyncExternalStore(list.subscribe, list.getSnapshot);
  const phone = useMedia("(max-width: 860px)");
  const density = useDensity();
  const form = phone ? "phone" : density;
  const height = heights[form];
  const now = useNow();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(0);
  const focusWanted = useRef(false);
  const snippets = useSnippets(list, props.searching ? snapshot : null);

  const total = snapshot.total;
  const shown = Math.min(total ?? 0, Math.floor(tallest / height));
  const virtual = useVirtualizer({
    count: shown,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 24;
  const stop = cursor >= first && cursor <= last ? cursor : first;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows' height is what makes them be measured anew.
  useEffect(() => virtual.measure(), [virtual, height]);

  // A list that is shown again shows what it knew, and then what is true.
  useEffect(() => {
    setCursor(0);
    scroller.current?.scrollTo({ top: 0 });
    const known = list.getSnapshot().total !== null;
    void list.ensure(0, 24);
    if (known) void list.refresh();
    list.onShift = (rows) => scroller.current?.scrollBy({ top: rows * height });
    return () => {
      list.onShift = undefined;
    };
  }, [list, height]);

  useEffect(() => {
    if (total !== null) void list.ensure(first, last);
  }, [list, first, last, total]);

  // A page that comes to a mail by its address shows where it stands, if that is known.
  const openPlace = openId === null ? undefined : list.placeOf(openId);
  useEffect(() => {
    if (openPlace === undefined) return;
    setCursor(openPlace);
  }, [openPlace]);

  useEffect(() => {
    if (!focusWanted.current) return;
    const link = scroller.current?.querySelector<HTMLElement>(`[data-place="${cursor}"] .row-main`);
    if (!link) return;
    focusWanted.current = false;
    link.focus({ preventScroll: true });
  });

  useImperativeHandle(props.ref, () => ({
    step: (by) => {
      const place = Math.max(0, Math.min(shown - 1, cursor + by));
      setCursor(place);
      focusWanted.current = true;
      virtual.scrollToIndex(place);
      return list.rowAt(place);
    },
    current: () => list.rowAt(cursor),
    toggle: () => selection.toggle(cursor, false),
    focus: () => {
      focusWanted.current = true;
      setCursor((at) => Math.max(0, Math.min(shown - 1, at)));
    },
    placeOfCursor: () => cursor,
  }));

  if (total === null || (total === 0 && snapshot.loading)) {
    return snapshot.problem === null ? (
      <SkeletonRows height={height} phone={phone} />
    ) : (
      <div className="list-state">
        <ErrorState problem={snapshot.problem} title={t("list.failed")} onRetry={() => void list.ensure(0, 24)} />
      </div>
    );
  }
  if (total === 0) return <div className="list-state">{props.empty}</div>;

  return (
    <div ref={scroller} className="list-scroll">
      {snapshot.problem !== null && (
        <div className="list-problem">
          <ErrorState problem={snapshot.problem} title={t("list.notRefreshed")} onRetry={() => void list.refresh()} />
        </div>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: its rows are placed by their position, which list items of a ul are not. */}
      <div role="list" aria-label={props.label} className="list-rows" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = list.rowAt(item.index);
          const style = { top: item.start, height };
          return row === undefined ? (
            <SkeletonRow key={`place-${item.index}`} style={style} />
          ) : (
            <MessageRow
              key={row.email.id}
              row={row}
              place={item.index}
              total={total}
              style={style}
              form={form}
              look={props.look}
              now={now}
              isOpen={row.email.id === openId}
              isCursor={item.index === cursor}
              isStop={item.index === stop}
              isSelected={selection.has(row.email.id)}
              selecting={selection.count > 0}
              snippet={snippets?.get(row.email.id)}
              link={props.linkOf(row)}
              onSelect={(range) => selection.toggle(item.index, range)}
              onOpen={() => {
                setCursor(item.index);
                props.onOpen(row);
              }}
              onAction={(action) => props.onAction(action, row)}
              onDrag={() => props.onDrag(row)}
              onDropped={props.onDropped}
              mailboxId={list.spec.mailboxId}
            />
          );
        })}
      </div>
      {shown < total && <p className="list-more">{t("list.tooMany", { shown, total })}</p>}
    </div>
  );
}

function SkeletonRows({ height, phone }: { height: number; phone: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="list-scroll" role="status" aria-busy="true">
      <span className="yanshu-hidden">{t("list.loading")}</span>
      <div className="list-rows" aria-hidden>
        {Array.from({ length: phone ? 8 : 12 }, (_, at) => (
          <SkeletonRow key={at} style={{ top: at * height, height }} />
        ))}
      </div>
    </div>
  );
}

function SkeletonRow({ style }: { style: { top: number; height: number } }) {
  return (
    <div className="row row-waiting" style={style} aria-hidden>
      <span className="bone" style={{ width: "34%" }} />
      <span className="bone" style={{ width: "78%" }} />
    </div>
  );
}
