import {
  ArrowLeftOutlined,
  CheckOutlined,
  DeleteOutlined,
  EyeInvisibleOutlined,
  FolderOutlined,
  StopOutlined,
} from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { EmptyState, ErrorState, useMedia } from "@yanshu/ui";
import { Button } from "antd";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { compose } from "../../compose/windows";
import { useNow } from "../list/useNow";
import { sameAddress } from "../parts/addresses";
import { ArchiveIcon, ForwardIcon, ReplyAllIcon, ReplyIcon } from "../parts/icons";
import { MoveMenu } from "../parts/MoveMenu";
import { type MailHead, threadQuery } from "../store/queries";
import { useMail } from "../store/useMail";
import { useMailActions } from "../store/useMailActions";
import { MessageView } from "./MessageView";
import "./reading.css";

export type ThreadAction = "archive" | "trash" | "junk" | "notJunk" | "unread" | { to: string };

interface ReadingPaneProps {
  threadId: string;
  /** The mail that was asked for among those of the thread. */
  emailId: string | undefined;
  /** The mailbox it is read in; null when a list shows several. */
  mailboxId: string | null;
  role: string | null;
  own: readonly string[];
  onClose: () => void;
  onAction: (action: ThreadAction, mails: MailHead[]) => void;
  onKey: (event: KeyboardEvent) => void;
  /** Tells the page which mail an answer would be to. */
  onShown: (mails: MailHead[], last: MailHead | undefined) => void;
}

/** So many folded mails stand in one line. */
const foldsFrom = 4;

/** The mails of a thread, oldest first: those read before folded to a line. */
export function ReadingPane(props: ReadingPaneProps) {
  const { threadId, mailboxId, role, own, onShown } = props;
  const { t } = useTranslation();
  const mail = useMail();
  const actions = useMailActions();
  const narrow = useMedia("(max-width: 860px)");
  const wide = useMedia("(min-width: 1280px)");
  const now = useNow();
  const { data, error, refetch } = useQuery(threadQuery(mail.client, threadId));
  const aside = role === "trash" || role === "junk" ? [] : ["trash", "junk"].map((name) => mail.mailboxOf(name)?.id);
  const asideIds = aside.filter((id) => id !== undefined).join();
  const mails = useMemo(() => {
    const hidden = new Set(asideIds.split(","));
    const shown = (data?.mails ?? []).filter(
      ({ id, mailboxIds }) => id === props.emailId || !Object.keys(mailboxIds).every((box) => hidden.has(box)),
    );
    // Of a thread in Trash or Junk, what is there.
    return role === "trash" || role === "junk"
      ? shown.filter(({ mailboxIds }) => mailboxId === null || mailboxIds[mailboxId])
      : shown;
  }, [data, asideIds, props.emailId, role, mailboxId]);
  const loadedId = data?.id;

  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [unfolded, setUnfolded] = useState(false);
  // What was unread when the thread was opened stays open while it is read.
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const last = mails.findLast(({ keywords }) => !keywords.$draft) ?? mails.at(-1);

  const opened = useRef<string>(undefined);
  const known = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (opened.current === threadId || loadedId !== threadId) return;
    opened.current = threadId;
    known.current = new Set(mails.map(({ id }) => id));
    const unread = mails.filter(({ keywords }) => !keywords.$seen && !keywords.$draft);
    setToggled(new Map());
    setUnfolded(false);
    setFresh(new Set(unread.map(({ id }) => id)));
    scroller.current?.scrollTo({ top: 0 });
    if (unread.length > 0) void actions.setSeen(unread, true);
  }, [threadId, loadedId, mails, actions]);

  // What arrives in the open thread is read when it is looked at.
  useEffect(() => {
    if (opened.current !== threadId || document.visibilityState !== "visible") return;
    const arrived = mails.filter(({ id, keywords }) => !known.current.has(id) && !keywords.$seen && !keywords.$draft);
    known.current = new Set([...known.current, ...mails.map(({ id }) => id)]);
    if (arrived.length === 0) return;
    setFresh((before) => new Set([...before, ...arrived.map(({ id }) => id)]));
    void actions.setSeen(arrived, true);
  }, [threadId, mails, actions]);

  useEffect(() => onShown(mails, last), [mails, last, onShown]);

  const isExpanded = (one: MailHead, at: number) =>
    toggled.get(one.id) ??
    (one.id === props.emailId ||
      (props.emailId === undefined && (at === mails.length - 1 || one === last)) ||
      fresh.has(one.id));

  if (error) {
    return (
      <div className="reading">
        <div className="reading-scroll reading-state">
          {error.isNotFound || error.code === "mail_gone" ? (
            <EmptyState
              title={t("reading.gone")}
              action={<Button onClick={props.onClose}>{t("reading.back")}</Button>}
            />
          ) : (
            <ErrorState problem={error} title={t("reading.failed")} onRetry={() => void refetch()} />
          )}
        </div>
      </div>
    );
  }

  const subject = last?.subject?.trim() || t("list.noSubject");
  // On a phone the mail is the page.
  const Heading = narrow ? "h1" : "h2";
  const isJunk = role === "junk";
  const onlyDraft = last?.keywords.$draft === true;
  const bar: [label: string, icon: ReactNode, act: () => void][] = [
    ...(role !== "archive" && role !== "drafts" && role !== "sent"
      ? ([[t("actions.archive"), <ArchiveIcon key="i" />, () => props.onAction("archive", mails)]] as const)
      : []),
    [
      t(role === "trash" ? "actions.destroy" : "actions.delete"),
      <DeleteOutlined key="i" />,
      () => props.onAction("trash", mails),
    ],
    ...(role !== "drafts" && role !== "sent"
      ? ([
          [
            t(isJunk ? "actions.notJunk" : "actions.junk"),
            isJunk ? <CheckOutlined key="i" /> : <StopOutlined key="i" />,
            () => props.onAction(isJunk ? "notJunk" : "junk", mails),
          ],
        ] as const)
      : []),
    [t("actions.unread"), <EyeInvisibleOutlined key="i" />, () => props.onAction("unread", mails)],
  ].map(([label, icon, act]) => [label, icon, act] as [string, ReactNode, () => void]);

  return (
    <div className="reading">
      <div className="reading-bar" role="toolbar" aria-label={t("reading.toolbar")}>
        {narrow && (
          <Button
            type="text"
            icon={<ArrowLeftOutlined aria-hidden />}
            aria-label={t("reading.back")}
            onClick={props.onClose}
          />
        )}
        {bar.map(([label, icon, act]) => (
          <Button
            key={label}
            type="text"
            icon={icon}
            aria-label={label}
            title={label}
            onClick={act}
            disabled={mails.length === 0}
          >
            {wide ? label : null}
          </Button>
        ))}
        <MoveMenu except={mailboxId} onChoose={(to) => props.onAction({ to }, mails)}>
          <Button
            type="text"
            icon={<FolderOutlined aria-hidden />}
            aria-label={t("actions.move")}
            title={t("actions.move")}
            disabled={mails.length === 0}
          >
            {wide ? t("actions.move") : null}
          </Button>
        </MoveMenu>
      </div>
      <div className="reading-scroll" ref={scroller}>
        {data === undefined || loadedId !== threadId ? (
          <Waiting />
        ) : mails.length === 0 ? (
          <EmptyState title={t("reading.gone")} action={<Button onClick={props.onClose}>{t("reading.back")}</Button>} />
        ) : (
          <div className="reading-paper">
            <Heading className="reading-subject" tabIndex={-1}>
              {subject}
              {mails.length > 1 && <span className="reading-count">{t("reading.mails", { count: mails.length })}</span>}
            </Heading>
            {folded(mails, isExpanded, unfolded).map((entry) =>
              typeof entry === "number" ? (
                <button key="folded" type="button" className="reading-folded" onClick={() => setUnfolded(true)}>
                  {t("reading.folded", { count: entry })}
                </button>
              ) : (
                <MessageView
                  key={entry.id}
                  mail={entry}
                  now={now}
                  own={own}
                  expanded={isExpanded(entry, mails.indexOf(entry))}
                  onToggle={() =>
                    setToggled(new Map([...toggled, [entry.id, !isExpanded(entry, mails.indexOf(entry))]]))
                  }
                  onKey={props.onKey}
                  onMarkUnread={() => props.onAction("unread", [entry])}
                  onTrash={() => {
                    if (mails.length === 1 || role === "trash") props.onAction("trash", [entry]);
                    else void actions.trash([entry], 1);
                  }}
                  canReplyAll={hasOthers(entry, own)}
                />
              ),
            )}
            {last !== undefined && !onlyDraft && (
              <div className="reading-answer">
                <Button
                  icon={<ReplyIcon aria-hidden />}
                  onClick={() => compose.open({ kind: "reply", emailId: last.id })}
                >
                  {t("actions.reply")}
                </Button>
                {hasOthers(last, own) && (
                  <Button
                    icon={<ReplyAllIcon aria-hidden />}
                    onClick={() => compose.open({ kind: "replyAll", emailId: last.id })}
                  >
                    {t("actions.replyAll")}
                  </Button>
                )}
                <Button
                  icon={<ForwardIcon aria-hidden />}
                  onClick={() => compose.open({ kind: "forward", emailId: last.id })}
                >
                  {t("actions.forward")}
                </Button>
              </div>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="reading-paper" role="status" aria-busy="true">
      <span className="yanshu-hidden">{t("reading.loading")}</span>
      {[48, 26, 92, 88, 70].map((width) => (
        <div key={width} className="bone" style={{ width: `${width}%`, marginBlock: 18 }} />
      ))}
    </div>
  );
}

/** Whether an answer to all would go to more than its sender. */
export function hasOthers(mail: MailHead, own: readonly string[]): boolean {
  const all = [...(mail.replyTo ?? mail.from ?? []), ...(mail.to ?? []), ...(mail.cc ?? [])];
  const others = new Set(
    all.filter(({ email }) => !own.some((mine) => sameAddress(mine, email))).map(({ email }) => email.toLowerCase()),
  );
  return others.size > 1;
}

/** The mails of a thread, with a long run of folded ones in its middle as one entry: how many they are. */
function folded(
  mails: readonly MailHead[],
  isExpanded: (mail: MailHead, at: number) => boolean,
  unfolded: boolean,
): (MailHead | number)[] {
  if (unfolded) return [...mails];
  const firstOpen = mails.findIndex(isExpanded);
  const run = firstOpen - 2;
  const [first, ...rest] = mails;
  if (run < foldsFrom || first === undefined) return [...mails];
  return [first, run, ...rest.slice(run)];
}
