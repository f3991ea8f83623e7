import { CloseOutlined } from "@ant-design/icons";
import { asProblem } from "@yanshu/api";
import { problemText } from "@yanshu/ui";
import { App, Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { announce, dismissNotice, type Notice, useNotice, useSpoken } from "./notices";
import "./notices.css";

const standsFor = 8000;

/** The bar at the bottom left, and what screen readers are told. */
export function NoticeBar() {
  const notice = useNotice();
  const spoken = useSpoken();
  return (
    <>
      <div role="status" aria-live="polite" className="yanshu-hidden">
        {spoken}
      </div>
      {notice !== null && <Bar key={notice.id} notice={notice} />}
    </>
  );
}

function Bar({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  const [held, setHeld] = useState(false);
  const undo = useUndo();

  useEffect(() => announce(notice.text), [notice.text]);
  useEffect(() => {
    const { id, lasting, standsUntil } = notice;
    if (lasting || (held && standsUntil === undefined)) return;
    const timer = setTimeout(() => dismissNotice(id), standsUntil === undefined ? standsFor : standsUntil - Date.now());
    return () => clearTimeout(timer);
  }, [held, notice]);

  return (
    <aside
      className="notice"
      aria-label={t("notices.label")}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="notice-text">{notice.text}</span>
      {notice.undo && (
        <Button type="link" size="small" className="notice-button" onClick={() => undo(notice)}>
          {t("notices.undo")}
        </Button>
      )}
      {!notice.lasting && (
        <Button
          type="text"
          size="small"
          className="notice-button"
          aria-label={t("notices.dismiss")}
          icon={<CloseOutlined aria-hidden />}
          onClick={() => dismissNotice(notice.id)}
        />
      )}
    </aside>
  );
}

/** Takes back what the notice tells of. */
export function useUndo() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (notice: Notice) => {
    dismissNotice(notice.id);
    notice.undo?.().then(
      () => announce(t("notices.undone")),
      (cause: unknown) => void message.error(problemText(t, asProblem(cause))),
    );
  };
}
