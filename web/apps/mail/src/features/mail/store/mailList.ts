import type { ApiProblem } from "@yanshu/api";
import { asProblem } from "@yanshu/api";
import { Batch, type EmailFilter, type Id, type JmapClient } from "@yanshu/api/jmap";
import { missingPages, type Positions, withoutIds, withWindow } from "./positions";
import {
  type KeywordPatch,
  memberProperties,
  type Row,
  type RowEmail,
  rowOf,
  rowProperties,
  type ThreadMember,
  withKeywords,
} from "./rows";

/** Which mails a list shows. */
export interface ListSpec {
  filter: EmailFilter;
  /** One row a thread. */
  collapseThreads: boolean;
  /** The mailbox it shows; null when it shows several. */
  mailboxId: Id | null;
  /** Trash and Junk. */
  asideIds: Id[];
}

/** A list as it is known at one moment. */
export interface ListSnapshot {
  /** How many rows there are in all; null before the first answer. */
  total: number | null;
  positions: Positions;
  rows: ReadonlyMap<Id, Row>;
  /** Why the last load failed, until one succeeds. */
  problem: ApiProblem | null;
  loading: boolean;
}

interface Window {
  position: number;
  total: number;
  rows: Row[];
}

export const pageSize = 50;
/** What is asked for again at once when something changed; what is further away is asked for when it comes into sight. */
const widestRefresh = 100;

/**
 * A list of mails that may be a million long, of which the parts in sight are known. Changes that the reader makes show at once;
 * what others change comes by `refresh`.
 */
export class MailList {
  private snapshot: ListSnapshot = {
    total: null,
    positions: new Map(),
    rows: new Map(),
    problem: null,
    loading: false,
  };
  private readonly listeners = new Set<() => void>();
  private readonly asked = new Map<number, Promise<void>>();
  /** Counts up with every change of the reader's: an answer to what was asked before is out of date. */
  private serial = 0;
  /** Changes that the server has not confirmed yet. */
  private unsettled = 0;
  private wanted: { first: number; last: number } = { first: 0, last: pageSize - 1 };
  private refreshing = false;
  private refreshAgain = false;
  private readonly aside: ReadonlySet<Id>;
  /** Called when rows came in above those in sight, with how many. */
  onShift: ((rows: number) => void) | undefined;

  constructor(
    private readonly client: JmapClient,
    readonly spec: ListSpec,
  ) {
    this.aside = new Set(spec.asideIds);
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly getSnapshot = () => this.snapshot;

  get isShown(): boolean {
    return this.listeners.size > 0;
  }

  rowAt(place: number): Row | undefined {
    const id = this.snapshot.positions.get(place);
    return id === undefined ? undefined : this.snapshot.rows.get(id);
  }

  placeOf(id: Id): number | undefined {
    for (const [place, at] of this.snapshot.positions) if (at === id) return place;
    return undefined;
  }

  /** Says what is in sight; loads what is missing of it. */
  ensure(first: number, last: number): Promise<void> {
    this.wanted = { first, last };
    const pages = missingPages(this.snapshot.positions, first, last, this.snapshot.total, pageSize);
    return Promise.all(pages.map((page) => this.loadPage(page))).then(() => {});
  }

  private loadPage(page: number): Promise<void> {
    const running = this.asked.get(page);
    if (running !== undefined) return running;
    const serial = this.serial;
    this.set({ loading: true });
    const work = this.fetchWindow({ position: page * pageSize }, pageSize)
      .then((window) => {
        this.asked.delete(page);
        if (serial !== this.serial) return this.ensure(this.wanted.first, this.wanted.last);
        this.take(window, true);
      })
      .catch((cause: unknown) => {
        this.asked.delete(page);
        this.set({ problem: asProblem(cause) });
      })
      .finally(() => this.set({ loading: this.asked.size > 0 }));
    this.asked.set(page, work);
    return work;
  }

  /** Asks anew for what is in sight. A refresh while another one runs, or while a change is on its way, follows it. */
  async refresh(): Promise<void> {
    if (this.refreshing || this.unsettled > 0) {
      this.refreshAgain = true;
      return;
    }
    this.refreshing = true;
    this.refreshAgain = false;
    const serial = this.serial;
    try {
      const { first, last } = this.wanted;
      const limit = Math.min(widestRefresh, Math.max(pageSize, last - first + 1));
      const anchor = first > 0 ? this.snapshot.positions.get(first) : undefined;
      const window =
        anchor === undefined
          ? await this.fetchWindow({ position: first }, limit)
          : await this.fetchWindow({ anchor }, limit).catch(() => this.fetchWindow({ position: first }, limit));
      if (serial !== this.serial) this.refreshAgain = true;
      else {
        this.take(window, false);
        if (anchor !== undefined && window.position !== first) {
          const shift = window.position - first;
          this.wanted = { first: first + shift, last: last + shift };
          this.onShift?.(shift);
        }
      }
    } catch (cause) {
      this.set({ problem: asProblem(cause) });
    } finally {
      this.refreshing = false;
      if (this.refreshAgain && this.unsettled === 0) void this.refresh();
    }
  }

  /** Takes rows out of the list at once, before the server has done it. */
  remove(ids: ReadonlySet<Id>) {
    const { positions, removed } = withoutIds(this.snapshot.positions, ids);
    if (removed === 0) return;
    this.serial += 1;
    const total = this.snapshot.total === null ? null : Math.max(0, this.snapshot.total - removed);
    this.set({ positions, total });
  }

  /** Takes mails out that go to `to`, or for good when that is null; the list of `to` itself learns of them by refresh. */
  movedTo(ids: ReadonlySet<Id>, to: Id | null) {
    const { mailboxId } = this.spec;
    const leaves = to === null || (mailboxId === null ? this.aside.has(to) : mailboxId !== to);
    if (!leaves) return;
    const rows = [...this.snapshot.rows.values()].filter(({ own }) => own.every((id) => ids.has(id)));
    this.remove(new Set(rows.map(({ email }) => email.id)));
  }

  /** Changes keywords at once, before the server has done it. */
  patchKeywords(ids: ReadonlySet<Id>, patch: KeywordPatch) {
    const rows = new Map(this.snapshot.rows);
    let changed = false;
    for (const [id, row] of rows) {
      const next = withKeywords(row, ids, patch);
      if (next !== row) {
        rows.set(id, next);
        changed = true;
      }
    }
    this.serial += 1;
    if (changed) this.set({ rows });
  }

  /** Keeps answers out until the change has reached the server. */
  begin() {
    this.unsettled += 1;
    this.serial += 1;
  }

  settle() {
    this.unsettled -= 1;
    this.serial += 1;
    if (this.unsettled > 0) return;
    if (this.isShown) void this.refresh();
    else this.refreshAgain = true;
  }

  private take(window: Window, keep: boolean) {
    const rows = new Map<Id, Row>();
    const positions = withWindow(
      this.snapshot.positions,
      window.position,
      window.rows.map(({ email }) => email.id),
      keep,
    );
    const fresh = new Map(window.rows.map((row) => [row.email.id, row]));
    for (const id of positions.values()) {
      const row = fresh.get(id) ?? this.snapshot.rows.get(id);
      if (row !== undefined) rows.set(id, row);
    }
    this.set({ positions, rows, total: window.total, problem: null });
  }

  private async fetchWindow(from: { position: number } | { anchor: Id }, limit: number): Promise<Window> {
    const { accountId } = this.client;
    const batch = new Batch();
    const query = batch.add("Email/query", {
      accountId,
      filter: this.spec.filter,
      sort: [{ property: "receivedAt", isAscending: false }],
      collapseThreads: this.spec.collapseThreads,
      limit,
      calculateTotal: true,
      ...("anchor" in from ? { anchor: from.anchor, anchorOffset: 0 } : from),
    });
    const emails = batch.add("Email/get", { accountId, "#ids": query.ref("/ids"), properties: rowProperties });
    const threads = batch.add("Thread/get", { accountId, "#ids": emails.ref("/list/*/threadId") });
    const members = batch.add("Email/get", {
      accountId,
      "#ids": threads.ref("/list/*/emailIds"),
      properties: memberProperties,
    });
    if (!this.spec.collapseThreads) batch.invocations.length = 2;
    await this.client.send(batch);
    const { ids, position, total } = query.answer();
    const byId = new Map((emails.answer().list as RowEmail[]).map((email) => [email.id, email]));
    const byThread = new Map<Id, ThreadMember[]>();
    // Threads too long to be told of in one answer are shown by their newest mail alone.
    if (this.spec.collapseThreads && threads.problem() === null && members.problem() === null) {
      const known = new Map((members.answer().list as ThreadMember[]).map((member) => [member.id, member]));
      for (const { id, emailIds } of threads.answer().list) {
        byThread.set(
          id,
          emailIds.flatMap((emailId) => known.get(emailId) ?? []),
        );
      }
    }
    const rows = ids.flatMap((id) => {
      const email = byId.get(id);
      if (email === undefined) return [];
      const thread = this.spec.collapseThreads ? (byThread.get(email.threadId) ?? null) : null;
      return [rowOf(email, thread, { mailboxId: this.spec.mailboxId, asideIds: this.aside })];
    });
    const known = position + ids.length;
    return { position, rows, total: total ?? (ids.length === limit ? known + limit : known) };
  }

  private set(change: Partial<ListSnapshot>) {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
