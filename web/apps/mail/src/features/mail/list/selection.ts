import type { Id } from "@yanshu/api/jmap";
import { useCallback, useMemo, useState } from "react";
import type { MailList } from "../store/mailList";
import type { Row } from "../store/rows";

export interface Selection {
  ids: ReadonlySet<Id>;
  /** Everything in the list, also what is not loaded. */
  all: boolean;
  count: number;
  has: (id: Id) => boolean;
  rows: () => Row[];
  toggle: (place: number, range: boolean) => void;
  selectLoaded: () => void;
  selectAll: () => void;
  clear: () => void;
}

const none: ReadonlySet<Id> = new Set();

/** Which rows of a list are chosen; another list begins with none. */
export function useSelection(list: MailList, total: number): Selection {
  const [chosen, setChosen] = useState<{ list: MailList; ids: ReadonlySet<Id>; all: boolean; from: number }>({
    list,
    ids: none,
    all: false,
    from: 0,
  });
  const { ids, all, from } = chosen.list === list ? chosen : { ids: none, all: false, from: 0 };

  const toggle = useCallback(
    (place: number, range: boolean) => {
      const id = list.rowAt(place)?.email.id;
      if (id === undefined) return;
      const next = new Set(ids);
      if (range) {
        for (let at = Math.min(from, place); at <= Math.max(from, place); at += 1) {
          const between = list.rowAt(at)?.email.id;
          if (between !== undefined) next.add(between);
        }
      } else if (next.has(id)) next.delete(id);
      else next.add(id);
      setChosen({ list, ids: next, all: false, from: place });
    },
    [list, ids, from],
  );

  return useMemo(() => {
    // What left the list since is not chosen any more.
    const { rows, positions } = list.getSnapshot();
    return {
      ids,
      all,
      count: all ? total : ids.size,
      has: (id: Id) => all || ids.has(id),
      rows: () => [...ids].flatMap((id) => rows.get(id) ?? list.getSnapshot().rows.get(id) ?? []),
      toggle,
      selectLoaded: () => setChosen({ list, ids: new Set(positions.values()), all: false, from: 0 }),
      selectAll: () => setChosen({ list, ids: new Set(list.getSnapshot().positions.values()), all: true, from: 0 }),
      clear: () => setChosen({ list, ids: none, all: false, from: 0 }),
    };
  }, [ids, all, total, list, toggle]);
}
