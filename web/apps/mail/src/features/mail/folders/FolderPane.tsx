import {
  CaretRightOutlined,
  DeleteOutlined,
  EditOutlined,
  FolderOutlined,
  InboxOutlined,
  MoreOutlined,
  PlusOutlined,
  SendOutlined,
  StarOutlined,
  StopOutlined,
} from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import type { Mailbox, MailboxRole } from "@yanshu/api/jmap";
import { currentLanguage, numberText } from "@yanshu/ui";
import { Button, Dropdown, type MenuProps } from "antd";
import { type DragEvent, lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { withTexts } from "../../../texts";
import { compose } from "../../compose/windows";
import { readDragged } from "../list/dragged";
import { ArchiveIcon } from "../parts/icons";
import { useMailboxes } from "../store/useMail";
import { targetsOf, useMailActions } from "../store/useMailActions";
import type { FolderTask } from "./FolderDialogue";
import { type FolderNode, folderTree, nameOfMailbox, roleOf, slugOf, starredSlug } from "./folders";
import { StorageMeter } from "./StorageMeter";
import "./folders.css";

const ScheduledLink = lazy(withTexts(() => import("../../scheduled/ScheduledLink")));
const FolderDialogue = lazy(() => import("./FolderDialogue"));

const icons: Record<MailboxRole, ReactNode> = {
  inbox: <InboxOutlined />,
  drafts: <EditOutlined />,
  sent: <SendOutlined />,
  archive: <ArchiveIcon />,
  junk: <StopOutlined />,
  trash: <DeleteOutlined />,
};

export interface FolderPaneProps {
  /** What stands for the folder in the address. */
  current: string;
  /** Called when one was chosen, for a drawer to close. */
  onChosen?: () => void;
}

/** The folders of the account, the way to a new mail, and how full it is. */
export function FolderPane({ current, onChosen }: FolderPaneProps) {
  const { t } = useTranslation();
  const mailboxes = useMailboxes();
  const [task, setTask] = useState<FolderTask | null>(null);
  const [closed, setClosed] = useClosedFolders();
  const tree = folderTree(mailboxes);
  const standard = tree.filter(({ mailbox }) => roleOf(mailbox) !== null);
  const own = tree.filter(({ mailbox }) => roleOf(mailbox) === null);
  const shared = { current, onChosen, onTask: setTask, closed, setClosed };

  return (
    <div className="folders">
      <div className="folders-compose">
        <Button
          type="primary"
          block
          icon={<EditOutlined aria-hidden />}
          onClick={() => {
            onChosen?.();
            compose.open();
          }}
        >
          {t("compose.write")}
        </Button>
      </div>
      <nav className="folders-scroll" aria-label={t("folders.label")}>
        <ul className="folders-list">
          {standard.map((node) => [
            <FolderItem key={node.mailbox.id} node={node} level={0} {...shared} />,
            node.mailbox.role === "inbox" && (
              <li key={starredSlug}>
                <FolderLink
                  slug={starredSlug}
                  level={0}
                  icon={<StarOutlined />}
                  name={t("folders.starred")}
                  current={current}
                  onChosen={onChosen}
                />
              </li>
            ),
            node.mailbox.role === "drafts" && (
              <Suspense key="scheduled">
                <ScheduledLink current={current} onChosen={onChosen} />
              </Suspense>
            ),
          ])}
        </ul>
        <div className="folders-head">
          <span id="own-folders">{t("folders.own")}</span>
          <Button
            type="text"
            size="small"
            aria-label={t("folders.add")}
            title={t("folders.add")}
            icon={<PlusOutlined aria-hidden />}
            onClick={() => setTask({ kind: "add", parentId: null })}
          />
        </div>
        {own.length === 0 ? (
          <p className="folders-none">{t("folders.none")}</p>
        ) : (
          <ul className="folders-list" aria-labelledby="own-folders">
            {own.map((node) => (
              <FolderItem key={node.mailbox.id} node={node} level={0} {...shared} />
            ))}
          </ul>
        )}
      </nav>
      <StorageMeter />
      {task !== null && (
        <Suspense>
          <FolderDialogue task={task} onClose={() => setTask(null)} current={current} />
        </Suspense>
      )}
    </div>
  );
}

interface ItemProps extends FolderPaneProps {
  node: FolderNode;
  level: number;
  onTask: (task: FolderTask) => void;
  closed: ReadonlySet<string>;
  setClosed: (id: string, closed: boolean) => void;
}

function FolderItem({ node, level, ...shared }: ItemProps) {
  const { t } = useTranslation();
  const { mailbox, children } = node;
  const { current, closed, setClosed, onTask, onChosen } = shared;
  const isClosed = closed.has(mailbox.id);
  const role = roleOf(mailbox);
  const name = nameOfMailbox(t, mailbox);
  const count =
    role === "drafts" ? mailbox.totalEmails : role === "trash" || role === "sent" ? 0 : mailbox.unreadEmails;
  return (
    <li>
      <FolderLink
        slug={slugOf(mailbox)}
        level={level}
        icon={role === null ? <FolderOutlined /> : icons[role]}
        name={name}
        count={count}
        countText={role === "drafts" ? t("folders.drafts", { count }) : t("folders.unread", { count })}
        strong={role !== "drafts" && role !== "junk"}
        current={current}
        onChosen={onChosen}
        drop={mailbox}
        disclosure={
          children.length > 0 ? (
            <button
              type="button"
              className="folder-open"
              aria-expanded={!isClosed}
              aria-label={t(isClosed ? "folders.expand" : "folders.collapse", { name })}
              onClick={() => setClosed(mailbox.id, !isClosed)}
            >
              <CaretRightOutlined rotate={isClosed ? 0 : 90} aria-hidden />
            </button>
          ) : undefined
        }
        more={<FolderMenu mailbox={mailbox} name={name} onTask={onTask} />}
      />
      {children.length > 0 && !isClosed && (
        <ul className="folders-list">
          {children.map((child) => (
            <FolderItem key={child.mailbox.id} node={child} level={level + 1} {...shared} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface LinkProps extends FolderPaneProps {
  slug: string;
  level: number;
  icon: ReactNode;
  name: string;
  count?: number;
  countText?: string;
  strong?: boolean;
  disclosure?: ReactNode;
  more?: ReactNode;
  /** Mails may be dropped onto it. */
  drop?: Mailbox;
}

/** The way to a list of mails. */
export function FolderLink({
  slug,
  level,
  icon,
  name,
  count = 0,
  countText,
  strong,
  current,
  onChosen,
  ...rest
}: LinkProps) {
  const isCurrent = slug === current;
  const { over, handlers } = useDropPlace(rest.drop);
  const { t } = useTranslation();
  return (
    <div
      className="folder"
      data-current={isCurrent || undefined}
      data-over={over || undefined}
      style={{ paddingInlineStart: level * 14 }}
      {...handlers}
    >
      <span className="folder-disclosure">{rest.disclosure}</span>
      <Link
        to="/mail/$folder/{-$thread}"
        params={{ folder: slug, thread: undefined }}
        search={{}}
        preload={false}
        className="folder-link"
        data-strong={(strong && count > 0) || undefined}
        aria-current={isCurrent ? "page" : undefined}
        onClick={onChosen}
      >
        <span className="folder-icon" aria-hidden>
          {icon}
        </span>
        <span className="folder-name" title={name}>
          {name}
        </span>
        {count > 0 && (
          <>
            <span className="yanshu-hidden">
              {t("folders.comma")}
              {countText}
            </span>
            <span className="folder-count" aria-hidden>
              {count > 99_999 ? "99999+" : numberText(count, currentLanguage())}
            </span>
          </>
        )}
      </Link>
      {rest.more}
    </div>
  );
}

// Mails are dropped onto folders that can take them.
function useDropPlace(mailbox: Mailbox | undefined) {
  const [over, setOver] = useState(false);
  const actions = useMailActions();
  if (mailbox === undefined || mailbox.myRights?.mayAddItems === false || mailbox.role === "drafts") {
    return { over: false, handlers: {} };
  }
  return {
    over,
    handlers: {
      onDragOver: (event: DragEvent) => {
        const dragged = readDragged();
        if (dragged === null || dragged.mailboxId === mailbox.id) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "move";
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        const dragged = readDragged();
        setOver(false);
        if (dragged === null) return;
        event.preventDefault();
        const from = mailbox.role === "trash" || mailbox.role === "junk" ? null : dragged.mailboxId;
        void actions.moveTo(targetsOf(dragged.rows), from, mailbox.id, dragged.rows.length);
        dragged.onMoved();
      },
    },
  };
}

function FolderMenu({ mailbox, name, onTask }: { mailbox: Mailbox; name: string; onTask: (task: FolderTask) => void }) {
  const { t } = useTranslation();
  const actions = useMailActions();
  const role = roleOf(mailbox);
  const { myRights } = mailbox;
  const spec = { filter: { inMailbox: mailbox.id }, collapseThreads: false, mailboxId: mailbox.id, asideIds: [] };
  const empties = role === "trash" || role === "junk";
  const items: NonNullable<MenuProps["items"]> = [
    ...(mailbox.unreadEmails > 0 ? [{ key: "read", label: t("folders.markRead") }] : []),
    ...(myRights?.mayCreateChild !== false && !empties && role !== "drafts"
      ? [{ key: "add", label: t("folders.addBelow") }]
      : []),
    ...(role === null
      ? [
          { key: "rename", label: t("folders.rename"), disabled: myRights?.mayRename === false },
          { key: "move", label: t("folders.move"), disabled: myRights?.mayRename === false },
          { type: "divider" as const },
          { key: "remove", label: t("folders.remove"), danger: true, disabled: myRights?.mayDelete === false },
        ]
      : []),
    ...(empties
      ? [{ key: "empty", label: t("folders.emptyFolder"), danger: true, disabled: mailbox.totalEmails === 0 }]
      : []),
  ];
  if (items.length === 0) return null;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items,
        onClick: ({ key }) => {
          if (key === "add") onTask({ kind: "add", parentId: mailbox.id });
          else if (key === "rename" || key === "move" || key === "remove") onTask({ kind: key, mailbox });
          else if (key === "empty") actions.emptyFolder(spec, name);
          else if (key === "read") void actions.setWholeListKeyword(spec, "$seen", true);
        },
      }}
    >
      <Button
        type="text"
        size="small"
        className="folder-more"
        aria-label={t("folders.more", { name })}
        icon={<MoreOutlined aria-hidden />}
      />
    </Dropdown>
  );
}

const key = "yanshu.mail.closedFolders";

// Which folders are closed is remembered on this device.
function useClosedFolders() {
  const [closed, set] = useState<ReadonlySet<string>>(() => {
    try {
      return new Set(JSON.parse(localStorage.getItem(key) ?? "[]") as string[]);
    } catch {
      return new Set<string>();
    }
  });
  const setClosed = (id: string, isClosed: boolean) => {
    const next = new Set(closed);
    if (isClosed) next.add(id);
    else next.delete(id);
    set(next);
    try {
      localStorage.setItem(key, JSON.stringify([...next].slice(-500)));
    } catch {
      // Then it lasts as long as the page.
    }
  };
  return [closed, setClosed] as const;
}
