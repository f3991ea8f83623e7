import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import "./shortcuts.css";

const groups = {
  move: [
    ["j", "next"],
    ["k", "previous"],
    ["Enter", "open"],
    ["Esc", "back"],
    ["/", "search"],
    ["x", "choose"],
  ],
  mail: [
    ["r", "reply"],
    ["a", "replyAll"],
    ["f", "forward"],
    ["e", "archive"],
    ["#", "delete"],
    ["!", "junk"],
    ["u", "unread"],
    ["s", "star"],
    ["Ctrl+Z", "undo"],
  ],
  compose: [
    ["c", "compose"],
    ["Ctrl+Enter", "send"],
    ["Esc", "minimise"],
  ],
} as const;

/** What can be done by keyboard, and what a search understands. */
export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open title={t("shortcuts.title")} footer={null} onCancel={onClose} width={640}>
      <div className="keys">
        {(Object.keys(groups) as (keyof typeof groups)[]).map((group) => (
          <section key={group}>
            <h2>{t(`shortcuts.groups.${group}`)}</h2>
            <dl>
              {groups[group].map(([key, what]) => (
                <div key={what}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{t(`shortcuts.keys.${what}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h2>{t("shortcuts.groups.search")}</h2>
          <dl>
            {(["from", "to", "subject", "attachment", "unread", "dates"] as const).map((operator) => (
              <div key={operator}>
                <dt>
                  <code>{t(`shortcuts.search.${operator}`)}</code>
                </dt>
                <dd>{t(`shortcuts.searchHelp.${operator}`)}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Modal>
  );
}
