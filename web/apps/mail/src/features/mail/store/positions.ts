/** Which id stands at which place of a long list; most places are not known. */
export type Positions = ReadonlyMap<number, string>;

/** The list without these ids: what stood below a removed one moves up. Gives also how many known ids went. */
export function withoutIds(positions: Positions, gone: ReadonlySet<string>): { positions: Positions; removed: number } {
  const ordered = [...positions].sort(([a], [b]) => a - b);
  const next = new Map<number, string>();
  let removed = 0;
  for (const [place, id] of ordered) {
    if (gone.has(id)) removed += 1;
    else next.set(place - removed, id);
  }
  return { positions: next, removed };
}

/** The list with a window of it as it is now; what was known of other places is forgotten, unless it is `kept`. */
export function withWindow(before: Positions, start: number, ids: readonly string[], keep: boolean): Positions {
  const next = new Map<number, string>();
  const fresh = new Set(ids);
  if (keep) {
    // An id that moved stands at its new place only.
    for (const [place, id] of before) if (!fresh.has(id)) next.set(place, id);
  }
  for (const [at, id] of ids.entries()) next.set(start + at, id);
  return next;
}

/** The first and last place of the pages that hold something unknown between `first` and `last`. */
export function missingPages(
  positions: Positions,
  first: number,
  last: number,
  total: number | null,
  size: number,
): number[] {
  const end = total === null ? last : Math.min(last, total - 1);
  const pages: number[] = [];
  for (let page = Math.floor(Math.max(0, first) / size); page * size <= end; page += 1) {
    const from = Math.max(first, page * size);
    const to = Math.min(end, (page + 1) * size - 1);
    for (let place = from; place <= to; place += 1) {
      if (!positions.has(place)) {
        pages.push(page);
        break;
      }
    }
  }
  return pages;
}
