import { useNavigate } from "@tanstack/react-router";
import { asProblem } from "@yanshu/api";
import { type Mailbox, setProblem } from "@yanshu/api/jmap";
import { ErrorState } from "@yanshu/ui";
import { Input, type InputRef, Modal, Select } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "../parts/notices";
import { throwFirst } from "../store/mailStore";
import { useMail, useMailboxes } from "../store/useMail";
import { type FolderNode, folderTree, isWithin, nameOfMailbox, nameProblem, roleOf, slugOf } from "./folders";

export type FolderTask =
  | { kind: "add"; parentId: string | null }
  | { kind: "rename"; mailbox: Mailbox }
  | { kind: "move"; mailbox: Mailbox }
  | { kind: "remove"; mailbox: Mailbox };

interface FolderDialogueProps {
  task: FolderTask;
  /** What stands for the shown folder in the address. */
  current: string;
  onClose: () => void;
}

const top = "";

/** Makes, renames, moves and removes a folder. */
export default function FolderDialogue({ task, current, onClose }: FolderDialogueProps) {
  const { t } = useTranslation();
  const mail = useMail();
  const mailboxes = useMailboxes();
  const navigate = useNavigate();
  const id = useId();
  const input = useRef<InputRef>(null);
  const [name, setName] = useState(task.kind === "rename" ? task.mailbox.name : "");
  const [parent, setParent] = useState(task.kind === "add" ? (task.parentId ?? top) : (task.mailbox.parentId ?? top));
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [problem, setProblemTold] = useState<unknown>(null);
  const parentId = parent === top ? null : parent;
  const own = task.kind === "add" ? undefined : task.mailbox;
  const wrong =
    task.kind === "add" || task.kind === "rename"
      ? nameProblem(mailboxes, name, parentId, own?.id)
      : task.kind === "move"
        ? nameProblem(mailboxes, own?.name ?? "", parentId, own?.id)
        : undefined;

  useEffect(() => input.current?.focus({ cursor: "all" }), []);

  async function act() {
    setTried(true);
    if (wrong !== undefined) return;
    setPending(true);
    setProblemTold(null);
    try {
      await send();
      await mail.refreshMailboxes();
      announce(t(`folders.done.${task.kind}`, { name: task.kind === "add" ? name.trim() : nameOfTask(task, name) }));
      if (task.kind === "remove" && current === slugOf(task.mailbox)) {
        void navigate({ to: "/mail/$folder/{-$thread}", params: { folder: "inbox", thread: undefined }, search: {} });
      }
      onClose();
    } catch (cause) {
      setProblemTold(cause);
    } finally {
      setPending(false);
    }
  }

  async function send() {
    const { client } = mail;
    if (task.kind === "add") {
      throwFirst(
        await client.call("Mailbox/set", {
          create: { new: { name: name.trim().normalize("NFC"), parentId, isSubscribed: true } },
        }),
      );
    } else if (task.kind === "remove") await remove(task.mailbox);
    else {
      const patch = task.kind === "rename" ? { name: name.trim().normalize("NFC") } : { parentId };
      throwFirst(await client.call("Mailbox/set", { update: { [task.mailbox.id]: patch } }));
    }
  }

  // What is in it goes to Trash first, so that nothing is lost by it.
  async function remove(mailbox: Mailbox) {
    const trash = mail.mailboxOf("trash");
    if (mailboxes.some(({ parentId: above }) => above === mailbox.id)) throw setProblem({ type: "mailboxHasChild" });
    if (trash !== undefined && mailbox.totalEmails > 0) {
      const spec = { filter: { inMailbox: mailbox.id }, collapseThreads: false, mailboxId: mailbox.id, asideIds: [] };
      const move = { [`mailboxIds/${mailbox.id}`]: null, [`mailboxIds/${trash.id}`]: true };
      await mail.forAll(spec, (ids) => mail.send(ids.map((one) => [one, move])), {
        leaves: true,
        onProgress: () => {},
      });
    }
    throwFirst(await mail.client.call("Mailbox/set", { destroy: [mailbox.id], onDestroyRemoveEmails: false }));
  }

  const title = t(`folders.titles.${task.kind}`, { name: own === undefined ? "" : nameOfMailbox(t, own) });
  return (
    <Modal
      open
      title={title}
      okText={t(`folders.buttons.${task.kind}`)}
      okButtonProps={{ danger: task.kind === "remove", loading: pending }}
      cancelText={t("folders.cancel")}
      onOk={() => void act()}
      onCancel={onClose}
      width={420}
    >
      <div className="folder-form">
        {(task.kind === "add" || task.kind === "rename") && (
          <div>
            <label htmlFor={`${id}-name`}>{t("folders.name")}</label>
            <Input
              ref={input}
              id={`${id}-name`}
              value={name}
              maxLength={255}
              autoComplete="off"
              status={tried && wrong ? "error" : ""}
              aria-invalid={tried && wrong !== undefined}
              aria-describedby={tried && wrong ? `${id}-wrong` : undefined}
              onChange={(event) => setName(event.target.value)}
              onPressEnter={(event) => {
                if (!event.nativeEvent.isComposing) void act();
              }}
            />
          </div>
        )}
        {(task.kind === "add" || task.kind === "move") && (
          <div>
            <label htmlFor={`${id}-parent`}>{t("folders.below")}</label>
            <Select
              id={`${id}-parent`}
              value={parent}
              onChange={setParent}
              style={{ width: "100%" }}
              options={[
                { value: top, label: t("folders.top") },
                ...places(folderTree(mailboxes), 0)
                  .filter(({ mailbox }) => own === undefined || !isWithin(mailboxes, mailbox.id, own.id))
                  .map(({ mailbox, level }) => ({
                    value: mailbox.id,
                    label: <span style={{ paddingInlineStart: level * 16 }}>{nameOfMailbox(t, mailbox)}</span>,
                  })),
              ]}
            />
          </div>
        )}
        {task.kind === "remove" && (
          <p>
            {task.mailbox.totalEmails > 0
              ? t("folders.removeText", { count: task.mailbox.totalEmails })
              : t("folders.removeEmptyText")}
          </p>
        )}
        {tried && wrong && (
          <p id={`${id}-wrong`} className="folder-wrong" role="alert">
            {t(wrong)}
          </p>
        )}
        {problem !== null && <ErrorState problem={asProblem(problem)} />}
      </div>
    </Modal>
  );
}

function nameOfTask(task: FolderTask, name: string): string {
  return task.kind === "rename" ? name.trim() : task.kind === "add" ? name : task.mailbox.name;
}

// Folders that hold others; drafts, junk and trash do not.
function places(nodes: readonly FolderNode[], level: number): { mailbox: Mailbox; level: number }[] {
  return nodes
    .filter(({ mailbox }) => !["drafts", "junk", "trash"].includes(roleOf(mailbox) ?? ""))
    .flatMap(({ mailbox, children }) => [{ mailbox, level }, ...places(children, level + 1)]);
}
