import { Input } from "antd";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { nameOfMailbox, pathOf } from "../folders/folders";
import { useMailboxes } from "../store/useMail";
import "./move.css";

/** The folders to move to, narrowed by typing. */
export default function FolderChoice({
  except,
  onChoose,
  onClose,
}: {
  except: string | null;
  onChoose: (mailboxId: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const mailboxes = useMailboxes();
  const [text, setText] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const wanted = text.trim().toLowerCase();
  const places = mailboxes
    .filter(({ id, role, myRights }) => id !== except && role !== "drafts" && myRights?.mayAddItems !== false)
    .map((mailbox) => ({
      id: mailbox.id,
      name: nameOfMailbox(t, mailbox),
      above: pathOf(t, mailboxes, mailbox.id).slice(0, -1).join(" / "),
    }))
    .filter(({ name, above }) => `${above} ${name}`.toLowerCase().includes(wanted));

  function onKeyDown(event: KeyboardEvent) {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === "ArrowDown") buttons[Math.min(buttons.length - 1, at + 1)]?.focus();
    else if (event.key === "ArrowUp" && at > 0) buttons[at - 1]?.focus();
    else if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && at < 0 && places[0] && !event.nativeEvent.isComposing) onChoose(places[0].id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div role="dialog" aria-label={t("actions.moveTo")} className="move" onKeyDown={onKeyDown}>
      <Input
        autoFocus
        value={text}
        placeholder={t("actions.moveFind")}
        aria-label={t("actions.moveFind")}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="move-list" ref={list}>
        {places.map(({ id, name, above }) => (
          <button key={id} type="button" className="move-folder" onClick={() => onChoose(id)}>
            <span>{name}</span>
            {above !== "" && <span className="move-above">{above}</span>}
          </button>
        ))}
        {places.length === 0 && <p className="move-none">{t("actions.moveNone")}</p>}
      </div>
    </div>
  );
}
