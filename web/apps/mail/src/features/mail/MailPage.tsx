import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { EmailFilter } from "@yanshu/api/jmap";
import { EmptyState, useDocumentTitle, useMedia, useShortcuts, useTimeContext } from "@yanshu/ui";
import { Button } from "antd";
import {
  lazy,
  type PointerEvent,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { withTexts } from "../../texts";
import { compose } from "../compose/windows";
import { FolderPane } from "./folders/FolderPane";
import { type Folder, findFolder, nameOfFolder, nameOfMailbox, roleOf, slugOfFolder } from "./folders/folders";
import { type BatchAction, ListHead, type Show } from "./list/ListHead";
import { type ListHandle, MessageList, type RowAction } from "./list/MessageList";
import type { RowLook } from "./list/MessageRow";
import { filterOf, parseSearch } from "./list/search";
import { useSelection } from "./list/selection";
import type { MailSearch } from "./mailSearch";
import { useUndo } from "./parts/NoticeBar";
import { announce, currentNotice } from "./parts/notices";
import { usePaneWidth } from "./parts/usePaneWidth";
import type { ThreadAction } from "./reading/ReadingPane";
import type { ListSpec } from "./store/mailList";
import type { Target } from "./store/mailStore";
import { identitiesQuery, type MailHead } from "./store/queries";
import { isStarred, isUnread, type Row } from "./store/rows";
import { useMail, useMailboxes } from "./store/useMail";
import { targetsOf, useMailActions, wholeThreads } from "./store/useMailActions";
import "./mail.css";

const ShortcutHelp = lazy(withTexts(() => import("./parts/ShortcutHelp")));
const loadReadingPane = withTexts(async () => ({ default: (await import("./reading/ReadingPane")).ReadingPane }));
const ReadingPane = lazy(loadReadingPane);

/** Mail: folders, a list, and what is read. */
export function MailPage() {
  const { t } = useTranslation();
  const { folder: slug } = useParams({ from: "/signed-in/mail/$folder/{-$thread}" });
  const folder = findFolder(useMailboxes(), slug);
  if (folder === undefined) {
    return (
      <EmptyState
        title={t("folders.missing")}
        text={t("folders.missingText")}
        action={
          <Link to="/mail/$folder/{-$thread}" params={{ folder: "inbox", thread: undefined }} search={{}}>
            {t("folders.toInbox")}
          </Link>
        }
      />
    );
  }
  return <FolderPage folder={folder} />;
}

function FolderPage({ folder }: { folder: Folder }) {
  const { t } = useTranslation();
  const mail = useMail();
  const mailboxes = useMailboxes();
  const actions = useMailActions();
  const undo = useUndo();
  const navigate = useNavigate();
  const { zone } = useTimeContext();
  const { member } = useSession();
  const { thread } = useParams({ from: "/signed-in/mail/$folder/{-$thread}" });
  const search = useSearch({ from: "/signed-in/mail/$folder/{-$thread}" });
  const identities = useQuery(identitiesQuery(mail.client)).data;
  const narrow = useMedia("(max-width: 860px)");
  const listRef = useRef<ListHandle>(null);
  const headRef = useRef<{ focusSearch: () => void }>(null);
  const [help, setHelp] = useState(false);
  const [read, setRead] = useState<{ mails: MailHead[]; last: MailHead | undefined }>({ mails: [], last: undefined });
  const width = usePaneWidth("yanshu.mail.listWidth", 400, 300, 620);

  const mailbox = folder.kind === "mailbox" ? folder.mailbox : undefined;
  const role = mailbox === undefined ? null : roleOf(mailbox);
  const slug = slugOfFolder(folder);
  const name = nameOfFolder(t, folder);
  const show: Show = search.show ?? "all";
  const searching = search.q !== undefined;
  const asideKey = mailboxes
    .filter((one) => one.role === "trash" || one.role === "junk")
    .map(({ id }) => id)
    .join();
  const draftsId = mailboxes.find((one) => one.role === "drafts")?.id;

  const list = useMemo(() => {
    const asideIds = asideKey === "" ? [] : asideKey.split(",");
    return mail.list(specOf(mailbox?.id, role, search.q, search.all === true, show, asideIds, zone));
  }, [mail, mailbox?.id, role, search.q, search.all, show, asideKey, zone]);
  const snapshot = useSyncExternalStore(list.subscribe, list.getSnapshot);
  const selection = useSelection(list, snapshot.total ?? 0);
  const own = useMemo(() => {
    const addresses = [member.address, ...(identities ?? []).map(({ email }) => email)];
    return [...new Set(addresses.filter((address): address is string => Boolean(address)))];
  }, [identities, member.address]);

  useDocumentTitle(mailbox !== undefined && mailbox.unreadEmails > 0 ? `(${mailbox.unreadEmails}) ${name}` : name);
  useArrivals(mailboxes.find((one) => one.role === "inbox")?.unreadEmails);

  // What reads a mail is there before the first one is opened.
  useEffect(() => {
    const timer = setTimeout(() => void loadReadingPane(), 1000);
    return () => clearTimeout(timer);
  }, []);

  // Which row is open: the mail that was chosen, or the one that stands for its thread.
  const openId = useMemo(() => {
    if (thread === undefined) return null;
    if (search.m !== undefined) return search.m;
    for (const row of snapshot.rows.values()) if (row.email.threadId === thread) return row.email.id;
    return null;
  }, [thread, search.m, snapshot.rows]);

  const goTo = useCallback(
    (to: { thread?: string | undefined; search?: MailSearch; replace?: boolean }) =>
      void navigate({
        to: "/mail/$folder/{-$thread}",
        params: { folder: slug, thread: to.thread },
        search: to.search ?? withoutMail(search),
        replace: to.replace ?? false,
      }),
    [navigate, slug, search],
  );
  const linkOf = (row: Row) => ({
    folder: slug,
    thread: row.email.threadId,
    search: list.spec.collapseThreads ? withoutMail(search) : { ...search, m: row.email.id },
  });
  const open = (row: Row, replace = false) => {
    if (mailbox?.id === draftsId && row.email.keywords.$draft) {
      compose.open({ kind: "draft", emailId: row.email.id });
      return;
    }
    goTo({
      thread: row.email.threadId,
      search: linkOf(row).search,
      replace: replace || (thread !== undefined && !narrow),
    });
  };
  const close = () => {
    goTo({ thread: undefined });
    listRef.current?.focus();
  };

  /** After the open thread has left the list, what took its place is opened where there is room for both. */
  const goOn = (gone: readonly string[]) => {
    if (thread === undefined || openId === null || !gone.includes(openId)) return;
    const place = openPlace.current;
    const next = list.rowAt(place) ?? list.rowAt(place - 1);
    if (narrow || next === undefined || next.email.keywords.$draft) close();
    else goTo({ thread: next.email.threadId, search: linkOf(next).search, replace: true });
  };
  const openPlace = useRef(0);
  const placed = openId === null ? undefined : list.placeOf(openId);
  if (placed !== undefined) openPlace.current = placed;

  /** Does what was asked for with these mails; `rows` are those that will be gone from the list by it. */
  const act = (action: ThreadAction, targets: readonly Target[], rows: readonly string[], count: number) => {
    const from = mailbox?.id ?? null;
    if (action === "unread") {
      void actions.setSeen(targets, false);
      if (thread !== undefined) close();
      return;
    }
    if (action === "trash" && role === "trash") {
      void actions
        .destroy(
          targets.map(({ id }) => id),
          count,
        )
        .then((done) => done && goOn(rows));
      return;
    }
    if (action === "trash") void actions.trash(targets, count);
    else if (action === "archive") void actions.archive(targets, count);
    else if (action === "junk") void actions.junk(targets, count);
    else if (action === "notJunk") void actions.notJunk(targets, count);
    else void actions.moveTo(targets, from, action.to, count);
    goOn(rows);
  };

  const actOnRows = (action: ThreadAction, rows: readonly Row[]) =>
    act(
      action,
      action === "unread" ? wholeThreads(rows).filter(({ keywords }) => keywords.$seen) : targetsOf(rows),
      rows.map(({ email }) => email.id),
      rows.length,
    );

  const onRowAction = (action: RowAction, row: Row) => {
    if (action === "toggleStar") {
      const starred = isStarred(row);
      const which = starred ? row.members.filter(({ keywords }) => keywords.$flagged) : [row.email];
      void actions.setStarred(which, !starred);
    } else if (action === "toggleSeen") {
      const unread = isUnread(row);
      const which = unread ? row.members : row.members.slice(-1);
      void actions.setSeen(which, unread);
    } else actOnRows(action, [row]);
  };

  const onBatch = (action: BatchAction) => {
    if (selection.all) onWholeList(action);
    else {
      const rows = selection.rows();
      const threads = wholeThreads(rows);
      if (action === "read") void actions.setSeen(threads, true);
      else if (action === "unread") void actions.setSeen(threads, false);
      else if (action === "star")
        void actions.setStarred(
          rows.map(({ email }) => email),
          true,
        );
      else if (action === "unstar") void actions.setStarred(threads, false);
      else actOnRows(action, rows);
    }
    selection.clear();
  };

  const onWholeList = (action: BatchAction) => {
    const { spec } = list;
    const toRole = (wanted: string) => mail.mailboxOf(wanted)?.id;
    if (action === "read" || action === "unread") void actions.setWholeListKeyword(spec, "$seen", action === "read");
    else if (action === "star" || action === "unstar") {
      void actions.setWholeListKeyword(spec, "$flagged", action === "star");
    } else if (action === "trash" && role === "trash") actions.emptyFolder(spec, name);
    else {
      const to = typeof action === "object" ? action.to : toRole(action === "notJunk" ? "inbox" : action);
      if (to !== undefined) void actions.moveWholeList(spec, to);
    }
  };

  const onThreadAction = (action: ThreadAction, mails: MailHead[]) => {
    const here = mails.filter(({ mailboxIds }) => mailbox === undefined || mailboxIds[mailbox.id]);
    const row = openId === null ? [] : [openId];
    if (action === "unread") act(action, mails.slice(-1), row, 1);
    else act(action, here.length > 0 ? here : mails, row, 1);
  };

  /** What a key is about: what is chosen, else what is open, else where the cursor is. */
  const subjectRows = (): Row[] => {
    if (selection.count > 0) return selection.rows();
    const row = openId === null ? listRef.current?.current() : list.getSnapshot().rows.get(openId);
    return row === undefined ? [] : [row];
  };
  const keyAction = (action: ThreadAction) => () => {
    if (selection.count > 0) onBatch(action);
    else if (thread !== undefined && read.mails.length > 0) onThreadAction(action, read.mails);
    else actOnRows(action, subjectRows());
  };
  const step = (by: number) => {
    const row = listRef.current?.step(by);
    if (row !== undefined && thread !== undefined && !narrow) open(row, true);
  };
  const answer = (kind: "reply" | "replyAll" | "forward") => () => {
    if (thread !== undefined && read.last !== undefined) compose.open({ kind, emailId: read.last.id });
  };

  const shortcuts: Record<string, () => void> = {
    j: () => step(1),
    k: () => step(-1),
    c: () => void compose.open(),
    r: answer("reply"),
    a: answer("replyAll"),
    f: answer("forward"),
    e: keyAction("archive"),
    "#": keyAction("trash"),
    Delete: keyAction("trash"),
    "!": keyAction(role === "junk" ? "notJunk" : "junk"),
    u: keyAction("unread"),
    s: () => {
      for (const row of subjectRows()) onRowAction("toggleStar", row);
    },
    x: () => listRef.current?.toggle(),
    "/": () => headRef.current?.focusSearch(),
    "?": () => setHelp(true),
    Escape: () => {
      if (selection.count > 0) selection.clear();
      else if (thread !== undefined) close();
      else if (searching) goTo({ search: {} });
    },
    "Ctrl+z": () => {
      const notice = currentNotice();
      if (notice?.undo) undo(notice);
    },
  };
  const onKey = useKeys(shortcuts);

  const look: RowLook = {
    people: role === "sent" || role === "drafts" ? "to" : "from",
    own,
    canArchive: role !== "archive" && role !== "drafts" && role !== "sent",
    ...(list.spec.mailboxId === null ? { folderOf: (row: Row) => folderOfRow(row) } : {}),
  };
  const folderOfRow = (row: Row) => {
    const [id] = Object.keys(row.email.mailboxIds);
    const one = mailboxes.find((each) => each.id === id);
    return one && nameOfMailbox(t, one);
  };
  const onShown = useCallback((mails: MailHead[], last: MailHead | undefined) => setRead({ mails, last }), []);

  return (
    <div className="mail">
      {!narrow && (
        <div className="mail-folders">
          <FolderPane current={slug} />
        </div>
      )}
      <section
        className="mail-list"
        aria-label={t("list.label")}
        hidden={narrow && thread !== undefined}
        style={narrow ? undefined : { width: width.value }}
      >
        <ListHead
          ref={headRef}
          name={name}
          unread={mailbox !== undefined && role !== "drafts" ? mailbox.unreadEmails : 0}
          total={snapshot.total}
          loaded={snapshot.positions.size}
          show={show}
          query={search.q}
          everywhere={search.all === true || mailbox === undefined}
          mailboxId={list.spec.mailboxId}
          role={role}
          selection={selection}
          onSearch={(q, all) =>
            goTo({ thread: undefined, search: q === undefined ? {} : { q, ...(all ? { all } : {}) } })
          }
          onShow={(next) => goTo({ thread, search: next === "all" ? {} : { show: next } })}
          onBatch={onBatch}
          onMarkAllRead={() => void actions.setWholeListKeyword(list.spec, "$seen", true)}
          onEmpty={role === "trash" || role === "junk" ? () => actions.emptyFolder(list.spec, name) : undefined}
        />
        <MessageList
          ref={listRef}
          list={list}
          label={t("list.of", { folder: name })}
          look={look}
          selection={selection}
          openId={openId}
          searching={searching}
          linkOf={linkOf}
          onOpen={open}
          onAction={onRowAction}
          onDrag={(row) => (selection.has(row.email.id) && !selection.all ? selection.rows() : [row])}
          onDropped={selection.clear}
          empty={
            <EmptyList folder={folder} query={search.q} everywhere={search.all === true} show={show} goTo={goTo} />
          }
        />
      </section>
      {!narrow && <Grip width={width} label={t("list.resize")} />}
      {(thread !== undefined || !narrow) && (
        <section className="mail-reading" aria-label={t("reading.label")}>
          {thread === undefined ? (
            <div className="reading-none">
              <EmptyState title={t("reading.none")} text={t("reading.noneText")} />
            </div>
          ) : (
            <Suspense fallback={<ReadingWaits />}>
              <ReadingPane
                threadId={thread}
                emailId={search.m}
                mailboxId={mailbox?.id ?? null}
                role={role}
                own={own}
                onClose={close}
                onAction={onThreadAction}
                onKey={onKey}
                onShown={onShown}
              />
            </Suspense>
          )}
        </section>
      )}
      {narrow && thread === undefined && selection.count === 0 && (
        <Button type="primary" shape="round" size="large" className="mail-compose" onClick={() => compose.open()}>
          {t("compose.write")}
        </Button>
      )}
      {help && (
        <Suspense>
          <ShortcutHelp onClose={() => setHelp(false)} />
        </Suspense>
      )}
    </div>
  );
}

function ReadingWaits() {
  return (
    <div className="reading-waits" aria-hidden>
      {[48, 26, 92, 88, 70].map((width) => (
        <div key={width} className="bone" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

function specOf(
  mailboxId: string | undefined,
  role: string | null,
  query: string | undefined,
  everywhere: boolean,
  show: Show,
  asideIds: string[],
  zone: string,
): ListSpec {
  if (query !== undefined) {
    const here = everywhere ? undefined : mailboxId;
    const filter = filterOf(parseSearch(query), { mailboxId: here, except: asideIds, zone });
    return { filter, collapseThreads: false, mailboxId: here ?? null, asideIds };
  }
  const place: EmailFilter = mailboxId === undefined ? { inMailboxOtherThan: asideIds } : { inMailbox: mailboxId };
  const starred = mailboxId === undefined || show === "starred";
  const conditions: EmailFilter[] = [
    place,
    ...(starred ? [{ hasKeyword: "$flagged" }] : []),
    ...(show === "unread" ? [{ notKeyword: "$seen" }] : []),
  ];
  return {
    filter: conditions.length === 1 ? place : { operator: "AND", conditions },
    collapseThreads: mailboxId !== undefined && role !== "drafts" && role !== "sent" && show === "all",
    mailboxId: mailboxId ?? null,
    asideIds,
  };
}

function withoutMail({ m: _, ...rest }: MailSearch): MailSearch {
  return rest;
}

function EmptyList({
  folder,
  query,
  everywhere,
  show,
  goTo,
}: {
  folder: Folder;
  query: string | undefined;
  everywhere: boolean;
  show: Show;
  goTo: (to: { search: MailSearch }) => void;
}): ReactNode {
  const { t } = useTranslation();
  if (query !== undefined) {
    return (
      <EmptyState
        title={t("search.none")}
        text={t("search.noneText")}
        action={
          !everywhere && folder.kind === "mailbox" ? (
            <Button onClick={() => goTo({ search: { q: query, all: true } })}>{t("search.tryEverywhere")}</Button>
          ) : undefined
        }
      />
    );
  }
  if (show !== "all") {
    return (
      <EmptyState
        title={t(`list.empty.${show}`)}
        action={<Button onClick={() => goTo({ search: {} })}>{t("list.showAll")}</Button>}
      />
    );
  }
  if (folder.kind === "starred")
    return <EmptyState title={t("list.empty.starred")} text={t("list.empty.starredText")} />;
  const role = roleOf(folder.mailbox);
  if (role === null) return <EmptyState title={t("list.empty.own")} text={t("list.empty.ownText")} />;
  return (
    <EmptyState
      title={t(`list.empty.${role}`)}
      text={t(`list.empty.${role}Text`)}
      action={
        role === "drafts" || role === "sent" ? (
          <Button onClick={() => compose.open()}>{t("compose.write")}</Button>
        ) : undefined
      }
    />
  );
}

/** Tells screen readers of new mail. */
function useArrivals(unread: number | undefined) {
  const { t } = useTranslation();
  const before = useRef(unread);
  useEffect(() => {
    const count = (unread ?? 0) - (before.current ?? unread ?? 0);
    before.current = unread;
    if (count > 0) announce(t("list.arrived", { count }));
  }, [unread, t]);
}

/** The page's keys, also for keys that were pressed inside a mail's frame. Dialogues and menus have their own. */
function useKeys(shortcuts: Record<string, () => void>): (event: KeyboardEvent) => void {
  const guarded = Object.fromEntries(
    Object.entries(shortcuts).map(([key, run]) => [
      key,
      (event: KeyboardEvent) => {
        const inside =
          event.target instanceof Element && event.target.closest("[role=dialog], [role=menu], .ant-modal");
        if (!inside && document.querySelector(".ant-modal-wrap:not([style*='display: none'])") === null) run();
      },
    ]),
  );
  useShortcuts(guarded);
  const latest = useRef(guarded);
  latest.current = guarded;
  return useCallback((event: KeyboardEvent) => {
    if (event.altKey || event.isComposing) return;
    const run = latest.current[event.ctrlKey || event.metaKey ? `Ctrl+${event.key}` : event.key];
    if (run === undefined) return;
    event.preventDefault();
    run(event);
  }, []);
}

function Grip({ width, label }: { width: ReturnType<typeof usePaneWidth>; label: string }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved.
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width.value}
      aria-valuemin={width.least}
      aria-valuemax={width.most}
      tabIndex={0}
      className="mail-grip"
      onPointerDown={(event: PointerEvent<HTMLDivElement>) => {
        from.current = { x: event.clientX, width: width.value };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current !== null) width.set(from.current.width + event.clientX - from.current.x);
      }}
      onPointerUp={() => {
        from.current = null;
        width.keep();
      }}
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        width.set(width.value + (event.key === "ArrowLeft" ? -16 : 16));
        width.keep();
      }}
    />
  );
}
