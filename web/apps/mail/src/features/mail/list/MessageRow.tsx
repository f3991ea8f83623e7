import {
  DeleteOutlined,
  EyeInvisibleOutlined,
  EyeOutlined,
  MailOutlined,
  PaperClipOutlined,
  StarFilled,
  StarOutlined,
} from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import type { EmailAddress, Id, SearchSnippet } from "@yanshu/api/jmap";
import { useTimeContext } from "@yanshu/ui";
import { type CSSProperties, type DragEvent, memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { nameOf, sameAddress } from "../parts/addresses";
import { ArchiveIcon, ForwardIcon, ReplyIcon } from "../parts/icons";
import { mailTime, mailTimeInFull } from "../parts/mailTime";
import { hasDraft, isAnswered, isForwarded, isStarred, isUnread, type Row, sendersOf } from "../store/rows";
import { setDragged } from "./dragged";
import type { RowAction } from "./MessageList";
import { piecesOf } from "./search";
import { useSwipe } from "./swipe";

/** What the list's folder makes of a row. */
export interface RowLook {
  /** Sent and drafts tell to whom, the others from whom. */
  people: "from" | "to";
  /** The member's own addresses: these are "me". */
  own: readonly string[];
  canArchive: boolean;
  /** Where each mail is, when the list shows several folders. */
  folderOf?: (row: Row) => string | undefined;
}

interface MessageRowProps {
  row: Row;
  place: number;
  total: number;
  style: { top: number; height: number };
  form: "comfortable" | "compact" | "phone";
  look: RowLook;
  now: Date;
  isOpen: boolean;
  isCursor: boolean;
  /** The one row that the Tab key stops at. */
  isStop: boolean;
  isSelected: boolean;
  /** Something is chosen: a tap chooses more. */
  selecting: boolean;
  snippet: SearchSnippet | undefined;
  link: { folder: string; thread: string; search: object };
  mailboxId: Id | null;
  onSelect: (range: boolean) => void;
  onOpen: () => void;
  onAction: (action: RowAction) => void;
  onDrag: () => Row[];
  onDropped: () => void;
}

/** One mail or thread of a list. */
export const MessageRow = memo(Message, (before, after) =>
  (Object.keys(after) as (keyof MessageRowProps)[]).every(
    (key) =>
      // Handlers are made anew with each rendering and mean the same.
      key.startsWith("on") ||
      (key === "style" && before.style.top === after.style.top && before.style.height === after.style.height) ||
      (key === "link" && before.link.thread === after.link.thread && before.link.folder === after.link.folder) ||
      before[key] === after[key],
  ),
);

function Message(props: MessageRowProps) {
  const { row, look, form, isOpen, isSelected, selecting } = props;
  const { t } = useTranslation();
  const time = { ...useTimeContext(), now: props.now };
  const { email } = row;
  const unread = isUnread(row);
  const starred = isStarred(row);
  const swipe = useSwipe({
    onLeft: () => props.onAction("trash"),
    onRight: () => props.onAction("toggleSeen"),
    onLongPress: () => props.onSelect(false),
  });
  const subject = email.subject?.trim() || t("list.noSubject");
  const folder = look.folderOf?.(row);
  const people = peopleText(row, look, t);
  const stop = props.isStop ? 0 : -1;

  return (
    // biome-ignore lint/a11y/useSemanticElements: its list is no ul.
    <div
      role="listitem"
      aria-posinset={props.place + 1}
      aria-setsize={props.total}
      className={`row row-${form}`}
      data-place={props.place}
      data-unread={unread || undefined}
      data-open={isOpen || undefined}
      data-selected={isSelected || undefined}
      data-cursor={props.isCursor || undefined}
      data-selecting={selecting || undefined}
      style={props.style as CSSProperties}
      draggable={form !== "phone"}
      onDragStart={(event) => dragStarts(event, props)}
      onDragEnd={() => setDragged(null)}
      {...(form === "phone" ? swipe.handlers : {})}
    >
      {swipe.offset !== 0 && (
        <span
          className="row-behind"
          data-side={swipe.offset < 0 ? "left" : "right"}
          data-ready={swipe.ready || undefined}
          aria-hidden
        >
          {swipe.offset < 0 ? (
            <>
              <DeleteOutlined /> {t("actions.delete")}
            </>
          ) : (
            <>
              <MailOutlined /> {t(unread ? "actions.read" : "actions.unread")}
            </>
          )}
        </span>
      )}
      <div
        className="row-front"
        style={swipe.offset === 0 ? undefined : { transform: `translateX(${swipe.offset}px)` }}
      >
        <label className="row-tick">
          <input
            type="checkbox"
            checked={isSelected}
            aria-label={t("list.select", { subject })}
            tabIndex={stop}
            onChange={() => {}}
            onClick={(event) => props.onSelect(event.shiftKey)}
          />
        </label>
        <Link
          to="/mail/$folder/{-$thread}"
          params={{ folder: props.link.folder, thread: props.link.thread }}
          search={props.link.search}
          preload={false}
          className="row-main"
          tabIndex={stop}
          aria-current={isOpen ? "true" : undefined}
          draggable={false}
          onClick={(event) => {
            if (event.shiftKey || event.ctrlKey || event.metaKey) {
              event.preventDefault();
              props.onSelect(event.shiftKey);
            } else if (selecting && form === "phone") {
              event.preventDefault();
              props.onSelect(false);
            } else {
              event.preventDefault();
              props.onOpen();
            }
          }}
        >
          <span className="row-who">
            {unread && <span className="yanshu-hidden">{t("list.unreadMark")}</span>}
            <span className="row-names">{people}</span>
            {row.members.length > 1 && (
              <span className="row-count">
                <span aria-hidden>{row.members.length}</span>
                <span className="yanshu-hidden">{t("list.inThread", { count: row.members.length })}</span>
              </span>
            )}
          </span>
          <span className="row-what">
            {isAnswered(row) && (
              <span className="row-mark" title={t("list.answered")}>
                <ReplyIcon />
                <span className="yanshu-hidden">{t("list.answered")}</span>
              </span>
            )}
            {isForwarded(row) && (
              <span className="row-mark" title={t("list.forwarded")}>
                <ForwardIcon />
                <span className="yanshu-hidden">{t("list.forwarded")}</span>
              </span>
            )}
            {folder !== undefined && <span className="row-folder">{folder}</span>}
            <span className="row-subject">
              <Marked text={subject} snippet={props.snippet?.subject} />
            </span>
            <span className="row-preview">
              <Marked text={email.preview} snippet={props.snippet?.preview} />
            </span>
          </span>
          <span className="row-side">
            {email.hasAttachment && (
              <PaperClipOutlined className="row-clip" role="img" aria-label={t("list.attachment")} />
            )}
            <time className="row-time" dateTime={email.receivedAt} title={mailTimeInFull(email.receivedAt, time)}>
              {mailTime(email.receivedAt, time)}
            </time>
          </span>
        </Link>
        <span className="row-actions">
          <RowButton
            stop={stop}
            label={t(unread ? "actions.read" : "actions.unread")}
            onClick={() => props.onAction("toggleSeen")}
          >
            {unread ? <EyeOutlined aria-hidden /> : <EyeInvisibleOutlined aria-hidden />}
          </RowButton>
          {look.canArchive && (
            <RowButton stop={stop} label={t("actions.archive")} onClick={() => props.onAction("archive")}>
              <ArchiveIcon aria-hidden />
            </RowButton>
          )}
          <RowButton stop={stop} label={t("actions.delete")} onClick={() => props.onAction("trash")}>
            <DeleteOutlined aria-hidden />
          </RowButton>
        </span>
        <button
          type="button"
          className="row-star"
          tabIndex={stop}
          data-on={starred || undefined}
          aria-pressed={starred}
          aria-label={t("list.star", { subject })}
          title={t(starred ? "actions.unstar" : "actions.star")}
          onClick={() => props.onAction("toggleStar")}
        >
          {starred ? <StarFilled aria-hidden /> : <StarOutlined aria-hidden />}
        </button>
      </div>
    </div>
  );
}

function RowButton({
  stop,
  label,
  onClick,
  children,
}: {
  stop: number;
  label: string;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button type="button" className="row-button" tabIndex={stop} aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  );
}

function peopleText(row: Row, look: RowLook, t: ReturnType<typeof useTranslation>["t"]): ReactNode {
  const isMe = ({ email }: EmailAddress) => look.own.some((own) => sameAddress(own, email));
  if (look.people === "to") {
    const to = [...(row.email.to ?? [])];
    const names = to.slice(0, 3).map(nameOf).join(t("list.comma"));
    if (to.length === 0) return <span className="row-draft">{t("list.noRecipients")}</span>;
    return to.length > 3 ? t("list.andMore", { names, count: to.length }) : names;
  }
  const senders = sendersOf(row);
  const names =
    senders.length === 0
      ? t("list.noSender")
      : senders
          .slice(-4)
          .map((sender) => (isMe(sender) ? t("list.me") : nameOf(sender)))
          .join(t("list.comma"));
  return (
    <>
      {names}
      {hasDraft(row) && <span className="row-draft"> {t("list.draft")}</span>}
    </>
  );
}

/** The text, with what was searched for marked. */
function Marked({ text, snippet }: { text: string; snippet: string | null | undefined }) {
  if (!snippet) return text;
  return piecesOf(snippet).map(({ text: piece, found }, at) =>
    found ? <mark key={at}>{piece}</mark> : <span key={at}>{piece}</span>,
  );
}

function dragStarts(event: DragEvent, props: MessageRowProps) {
  const rows = props.onDrag();
  setDragged({ rows, mailboxId: props.mailboxId, onMoved: props.onDropped });
  event.dataTransfer.effectAllowed = "move";
  // Firefox drags only what carries something.
  event.dataTransfer.setData("text/plain", rows.map(({ email }) => email.subject ?? "").join("\n"));
}
