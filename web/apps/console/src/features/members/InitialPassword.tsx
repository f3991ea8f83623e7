import { CopyButton } from "@yanshu/ui";
import { Alert, Modal } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../parts/useFormats";

interface InitialPasswordDialogueProps {
  title: string;
  password: string;
  expires: string | null;
  address: string;
  footer: ReactNode;
  onClose: () => void;
}

/** An initial password, shown this once and never again. It is kept nowhere but on the screen. */
export function InitialPasswordDialogue({
  title,
  password,
  expires,
  address,
  footer,
  onClose,
}: InitialPasswordDialogueProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Modal open title={title} footer={footer} onCancel={onClose} mask={{ closable: false }}>
      <p>{t("initialPassword.help", { address })}</p>
      <div className="secret">
        <span className="yanshu-hidden">{t("initialPassword.label")}</span>
        <code>{password}</code>
        <CopyButton text={password} label={t("initialPassword.copy")}>
          {t("initialPassword.copy")}
        </CopyButton>
      </div>
      <Alert
        type="warning"
        showIcon
        title={
          expires === null ? t("initialPassword.once") : t("initialPassword.onceUntil", { time: formats.time(expires) })
        }
      />
    </Modal>
  );
}
