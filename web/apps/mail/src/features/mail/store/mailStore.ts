import type { QueryClient } from "@tanstack/react-query";
import {
  type Email,
  fetchMailboxes,
  type Id,
  type JmapClient,
  type KnownMailboxes,
  type Mailbox,
  refreshMailboxes,
  type SetAnswer,
  setProblem,
} from "@yanshu/api/jmap";
import { type ListSpec, MailList } from "./mailList";
import { keys, type ThreadMails } from "./queries";
import { type KeywordPatch, patched } from "./rows";

/** A mail that something is to happen to, as far as one must know it to take that back. */
export type Target = Pick<Email, "id" | "mailboxIds" | "keywords">;

/** Lists that are kept so that coming back to them shows something at once. */
const keptLists = 12;

/** What the page knows of the mail account, and every change to it: shown at once, then sent; told as a problem when refused. */
export class MailStore {
  private readonly lists = new Map<string, MailList>();
  private refreshingMailboxes: Promise<void> | undefined;

  constructor(
    readonly client: JmapClient,
    private readonly queries: QueryClient,
  ) {}

  get mailboxes(): Mailbox[] {
    return this.queries.getQueryData<KnownMailboxes>(keys.mailboxes)?.list ?? [];
  }

  mailboxOf(role: string): Mailbox | undefined {
    return this.mailboxes.find((mailbox) => mailbox.role === role);
  }

  /** The list for `spec`, with what is known of it from before. */
  list(spec: ListSpec): MailList {
    const key = JSON.stringify(spec);
    const list = this.lists.get(key) ?? new MailList(this.client, spec);
    this.lists.delete(key);
    this.lists.set(key, list);
    for (const [old, kept] of this.lists) {
      if (this.lists.size <= keptLists) break;
      if (!kept.isShown) this.lists.delete(old);
    }
    return list;
  }

  /** Something changed on the server: what is in sight is asked for anew. */
  async changed(): Promise<void> {
    for (const list of this.lists.values()) if (list.isShown) void list.refresh();
    for (const queryKey of [keys.threads, keys.scheduled]) void this.queries.invalidateQueries({ queryKey });
    await this.refreshMailboxes();
  }

  async refreshMailboxes(): Promise<void> {
    this.refreshingMailboxes ??= this.readMailboxes().finally(() => {
      this.refreshingMailboxes = undefined;
    });
    return this.refreshingMailboxes;
  }

  private async readMailboxes() {
    const known = this.queries.getQueryData<KnownMailboxes>(keys.mailboxes);
    const fresh = known === undefined ? await fetchMailboxes(this.client) : await refreshMailboxes(this.client, known);
    this.queries.setQueryData(keys.mailboxes, fresh);
  }

  /** Sets and takes away keywords. */
  async setKeywords(targets: readonly Target[], patch: KeywordPatch): Promise<void> {
    const wanted = targets.filter(({ keywords }) =>
      Object.entries(patch).some(([keyword, value]) => (keywords[keyword] === true) !== value),
    );
    if (wanted.length === 0) return;
    const ids = new Set(wanted.map(({ id }) => id));
    this.countSeen(wanted, patch.$seen);
    this.patchThreads((mail) => (ids.has(mail.id) ? { ...mail, keywords: patched(mail.keywords, patch) } : mail));
    for (const list of this.lists.values()) list.patchKeywords(ids, patch);
    const change = Object.fromEntries(
      Object.entries(patch).map(([keyword, value]) => [`keywords/${keyword}`, value ? true : null]),
    );
    await this.send(wanted.map(({ id }) => [id, change]));
  }

  /** Moves mails out of `from` (out of everywhere when null) into `to`. */
  async move(targets: readonly Target[], from: Id | null, to: Id, patch: KeywordPatch = {}): Promise<void> {
    const ids = new Set(targets.map(({ id }) => id));
    this.countMove(targets, from, to);
    for (const list of this.lists.values()) list.movedTo(ids, to);
    this.patchThreads((mail) =>
      ids.has(mail.id)
        ? { ...mail, mailboxIds: after(mail.mailboxIds, from, to), keywords: patched(mail.keywords, patch) }
        : mail,
    );
    const keywords = Object.fromEntries(
      Object.entries(patch).map(([keyword, value]) => [`keywords/${keyword}`, value ? true : null]),
    );
    await this.send(
      targets.map(({ id, mailboxIds }) => [id, { mailboxIds: after(mailboxIds, from, to), ...keywords }]),
    );
  }

  /** Puts mails back as they were before a move. */
  async restore(targets: readonly Target[]): Promise<void> {
    await this.send(targets.map(({ id, mailboxIds, keywords }) => [id, { mailboxIds, keywords }]));
  }

  /** Deletes mails for good. */
  async destroy(ids: readonly Id[]): Promise<void> {
    const gone = new Set(ids);
    for (const list of this.lists.values()) list.movedTo(gone, null);
    this.patchThreads((mail) => (gone.has(mail.id) ? null : mail));
    await this.settling(async () => {
      for (const chunk of inChunks(ids, this.client.limits.objectsInSet)) {
        throwFirst(await this.client.call("Email/set", { destroy: chunk }));
      }
    });
  }

  /**
   * Does something to every mail that a list is of, however many. `act` is given a page of ids at a time; when it takes them out of
   * the list, the next page stands where this one stood.
   */
  async forAll(
    spec: ListSpec,
    act: (ids: Id[]) => Promise<void>,
    { leaves, onProgress }: { leaves: boolean; onProgress: (done: number, total: number) => void },
  ): Promise<number> {
    const limit = Math.min(500, this.client.limits.objectsInSet);
    let done = 0;
    let first: Id | undefined;
    for (;;) {
      const { ids, total = 0 } = await this.client.call("Email/query", {
        filter: spec.filter,
        sort: [{ property: "receivedAt", isAscending: false }],
        collapseThreads: false,
        position: leaves ? 0 : done,
        limit,
        calculateTotal: true,
      });
      // What stays although it was to leave would be found for ever.
      if (ids.length === 0 || ids[0] === first) return done;
      first = ids[0];
      await act(ids);
      done += ids.length;
      onProgress(done, leaves ? done + Math.max(0, total - ids.length) : total);
    }
  }

  /** Sends changes by mail, in as many requests as the server's limit needs. */
  async send(changes: [Id, object][]): Promise<void> {
    await this.settling(async () => {
      for (const chunk of inChunks(changes, this.client.limits.objectsInSet)) {
        throwFirst(await this.client.call("Email/set", { update: Object.fromEntries(chunk) }));
      }
    });
  }

  private async settling(work: () => Promise<void>): Promise<void> {
    const shown = [...this.lists.values()];
    for (const list of shown) list.begin();
    try {
      await work();
    } finally {
      for (const list of shown) list.settle();
      // Also what was shown before it was refused is put right by this.
      void this.queries.invalidateQueries({ queryKey: keys.threads });
      void this.refreshMailboxes().catch(() => {});
    }
  }

  private patchThreads(change: (mail: ThreadMails["mails"][number]) => ThreadMails["mails"][number] | null) {
    this.queries.setQueriesData<ThreadMails>({ queryKey: keys.threads }, (thread) =>
      thread === undefined ? thread : { ...thread, mails: thread.mails.flatMap((mail) => change(mail) ?? []) },
    );
  }

  private countSeen(targets: readonly Target[], seen: boolean | undefined) {
    if (seen === undefined) return;
    const unread = new Map<Id, number>();
    for (const { mailboxIds, keywords } of targets) {
      if ((keywords.$seen === true) === seen || keywords.$draft) continue;
      for (const id of Object.keys(mailboxIds)) unread.set(id, (unread.get(id) ?? 0) + (seen ? -1 : 1));
    }
    this.count(unread);
  }

  private countMove(targets: readonly Target[], from: Id | null, to: Id) {
    const unread = new Map<Id, number>();
    for (const { mailboxIds, keywords } of targets) {
      if (keywords.$seen || keywords.$draft) continue;
      const next = after(mailboxIds, from, to);
      for (const id of Object.keys(mailboxIds)) if (!next[id]) unread.set(id, (unread.get(id) ?? 0) - 1);
      for (const id of Object.keys(next)) if (!mailboxIds[id]) unread.set(id, (unread.get(id) ?? 0) + 1);
    }
    this.count(unread);
  }

  private count(unread: ReadonlyMap<Id, number>) {
    this.queries.setQueryData<KnownMailboxes>(keys.mailboxes, (known) =>
      known === undefined
        ? known
        : {
            ...known,
            list: known.list.map((mailbox) => ({
              ...mailbox,
              unreadEmails: Math.max(0, mailbox.unreadEmails + (unread.get(mailbox.id) ?? 0)),
            })),
          },
    );
  }
}

function after(mailboxIds: Record<Id, boolean>, from: Id | null, to: Id): Record<Id, boolean> {
  if (from === null) return { [to]: true };
  const next: Record<Id, boolean> = { ...mailboxIds, [to]: true };
  if (from !== to) delete next[from];
  return next;
}

export function inChunks<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < all.length; from += size) chunks.push(all.slice(from, from + size));
  return chunks;
}

/** What another program deleted meanwhile needs no change any more; anything else that was refused is a problem. */
export function throwFirst(answer: SetAnswer) {
  for (const refused of [answer.notCreated, answer.notUpdated, answer.notDestroyed]) {
    const [error] = Object.values(refused ?? {}).filter(({ type }) => type !== "notFound");
    if (error !== undefined) throw setProblem(error);
  }
}
