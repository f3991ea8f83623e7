import type { Id, Mailbox } from "@yanshu/api/jmap";
import { roleOf } from "../folders/folders";
import type { ThreadAction } from "../reading/ReadingPane";
import type { MailList } from "../store/mailList";
import type { Target } from "../store/mailStore";
import type { MailHead } from "../store/queries";
import { isStarred, isUnread, type Row } from "../store/rows";
import { useMail } from "../store/useMail";
import { targetsOf, useMailActions, wholeThreads } from "../store/useMailActions";
import type { BatchAction } from "./ListHead";
import type { RowAction } from "./MessageList";
import type { useSelection } from "./selection";

interface ListActionsParts {
  list: MailList;
  /** Undefined for a list that is of no folder. */
  mailbox: Mailbox | undefined;
  /** The folder's name, as it is told. */
  name: string;
  selection: ReturnType<typeof useSelection>;
  /** Whether a thread is open beside the list. */
  isReading: boolean;
  openId: Id | null;
  close: () => void;
  /** Called with the rows that are gone from the list. */
  goOn: (gone: readonly string[]) => void;
}

/** What is done with the mails of a list: from a row, from the bar for what is chosen, from the open thread. */
export function useListActions({ list, mailbox, name, selection, isReading, openId, close, goOn }: ListActionsParts) {
  const mail = useMail();
  const actions = useMailActions();
  const role = mailbox === undefined ? null : roleOf(mailbox);

  /** Does what was asked for with these mails; `rows` are those that will be gone from the list by it. */
  const act = (action: ThreadAction, targets: readonly Target[], rows: readonly string[], count: number) => {
    const from = mailbox?.id ?? null;
    if (action === "unread") {
      void actions.setSeen(targets, false);
      if (isReading) close();
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

  return { actOnRows, onRowAction, onBatch, onThreadAction };
}
