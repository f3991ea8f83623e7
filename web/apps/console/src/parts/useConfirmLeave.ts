import { App } from "antd";
import { useTranslation } from "react-i18next";

/** Asks before what was typed is thrown away; goes on at once when nothing was. */
export function useConfirmLeave() {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  return (dirty: boolean, leave: () => void) => {
    if (!dirty) {
      leave();
      return;
    }
    modal.confirm({
      title: t("parts.unsaved"),
      content: t("parts.unsavedHelp"),
      okText: t("parts.discard"),
      okButtonProps: { danger: true },
      cancelText: t("parts.keepEditing"),
      onOk: leave,
    });
  };
}
