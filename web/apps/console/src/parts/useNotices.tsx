import { asProblem } from "@yanshu/api";
import { problemText } from "@yanshu/ui";
import { App, Button } from "antd";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

/** Says that something was done, that it went wrong, or that it was done and can be taken back. */
export function useNotices() {
  const { t } = useTranslation();
  const { message, notification } = App.useApp();

  const done = useCallback((text: string) => void message.success(text), [message]);

  /** Nothing went wrong, but it is not done yet either. */
  const waits = useCallback((text: string) => void message.warning({ content: text, duration: 6 }), [message]);

  const failed = useCallback(
    (problem: unknown) => {
      void message.error({ content: problemText(t, asProblem(problem)), duration: 6 });
    },
    [message, t],
  );

  const undoable = useCallback(
    (text: string, undo: () => Promise<unknown>) => {
      const key = `undo-${crypto.randomUUID()}`;
      notification.open({
        key,
        title: text,
        placement: "bottomLeft",
        duration: 10,
        role: "status",
        actions: (
          <Button
            size="small"
            type="primary"
            onClick={() => {
              notification.destroy(key);
              undo().then(
                () => void message.success(t("parts.undone")),
                (problem: unknown) => void message.error(problemText(t, asProblem(problem))),
              );
            }}
          >
            {t("parts.undo")}
          </Button>
        ),
      });
    },
    [message, notification, t],
  );

  return useMemo(() => ({ done, waits, failed, undoable }), [done, waits, failed, undoable]);
}
