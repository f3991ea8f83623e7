import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { EmptyState, useDocumentTitle, useMedia, useTimeContext } from "@yanshu/ui";
import { Button } from "antd";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { withTexts } from "../../texts";
import { compose } from "../compose/windows";
import { FolderPane } from "./folders/FolderPane";
import { type Folder, findFolder, nameOfFolder, nameOfMailbox, roleOf, slugOfFolder } from "./folders/folders";
import { EmptyList } from "./list/EmptyList";
import { ListHead, type Show } from "./list/ListHead";
import { specOf } from "./list/listSpec";
import { type ListHandle, MessageList } from "./list/MessageList";
import type { RowLook } from "./list/MessageRow";
import { useSelection } from "./list/selection";
import { useArrivals } from "./list/useArrivals";
import { useListActions } from "./list/useListActions";
import type { MailSearch } from "./mailSearch";
import { Grip } from "./parts/Grip";
import { useUndo } from "./parts/NoticeBar";
import { currentNotice } from "./parts/notices";
import { useMailKeys } from "./parts/useMailKeys";
import { usePaneWidth } from "./parts/usePaneWidth";
import type { ThreadAction } from "./reading/ReadingPane";
import { identitiesQuery, type MailHead } from "./store/queries";
import type { Row } from "./store/rows";
import { useMail, useMailboxes } from "./store/useMail";
import { useMailActions } from "./store/useMailActions";
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

  const { actOnRows, onRowAction, onBatch, onThreadAction } = useListActions({
    list,
    mailbox,
    name,
    selection,
    isReading: thread !== undefined,
    openId,
    close,
    goOn,
  });

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
  const onKey = useMailKeys(shortcuts);

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

function withoutMail({ m: _, ...rest }: MailSearch): MailSearch {
  return rest;
}
