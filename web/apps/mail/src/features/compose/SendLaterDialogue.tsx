import { currentLanguage, timeText, useTimeContext } from "@yanshu/ui";
import { Button, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldOf, readField, sendTimes } from "./sendTimes";
import "./later.css";

interface SendLaterDialogueProps {
  latestSecs: number;
  onChosen: (at: Date) => void;
  onClose: () => void;
}

/** Asks when the mail is to be sent: at a time people often mean, or at any other. */
export default function SendLaterDialogue({ latestSecs, onChosen, onClose }: SendLaterDialogueProps) {
  const { t } = useTranslation();
  const context = useTimeContext();
  const [now] = useState(() => new Date());
  const times = sendTimes(now, context.zone);
  const [own, setOwn] = useState(() => fieldOf(times.at(-1)?.at ?? now, context.zone));
  const [wrong, setWrong] = useState<string>();
  const latest = new Date(now.getTime() + latestSecs * 1000);

  function choose() {
    const at = readField(own, context.zone);
    if (at === undefined || at.getTime() <= Date.now()) return setWrong(t("compose.later.past"));
    if (at > latest) return setWrong(t("compose.later.tooFar", { time: timeText(latest.toISOString(), context) }));
    onChosen(at);
  }

  return (
    <Modal open title={t("compose.later.title")} footer={null} width={420} onCancel={onClose}>
      <ul className="later-times">
        {times.map(({ name, at }) => (
          <li key={name}>
            <button type="button" onClick={() => onChosen(at)}>
              <span>{t(`compose.later.${name}`)}</span>
              <span className="later-when">{timeText(at.toISOString(), context)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form
        className="later-own"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          choose();
        }}
      >
        <label htmlFor="later-own">{t("compose.later.own")}</label>
        <div className="later-row">
          <input
            id="later-own"
            type="datetime-local"
            lang={currentLanguage()}
            className="later-field"
            value={own}
            min={fieldOf(now, context.zone)}
            max={fieldOf(latest, context.zone)}
            aria-invalid={wrong !== undefined}
            aria-describedby="later-told"
            onChange={(event) => {
              setWrong(undefined);
              setOwn(event.target.value);
            }}
          />
          <Button type="primary" htmlType="submit">
            {t("compose.later.apply")}
          </Button>
        </div>
        <p id="later-told" role={wrong === undefined ? undefined : "alert"} className={wrong && "later-wrong"}>
          {wrong ?? t("compose.later.zone", { zone: context.zone })}
        </p>
      </form>
    </Modal>
  );
}
