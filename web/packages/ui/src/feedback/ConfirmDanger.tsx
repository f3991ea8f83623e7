import { Checkbox, Input, Modal, Space } from "antd";
import { type ReactNode, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "./ErrorState";

interface ConfirmDangerProps {
  open: boolean;
  /** What will be done: "删除成员 任熙？" */
  title: string;
  /** What will be lost. */
  children: ReactNode;
  /** Verb with its object, as on the button that opened it. */
  action: string;
  /** Must be typed when it cannot be undone and much is lost. */
  typeToConfirm?: string;
  /** Must be ticked when it cannot be undone. */
  tickToConfirm?: string;
  pending?: boolean;
  problem?: { code: string; params?: Record<string, string>; requestId?: string | null } | null;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Says what will be lost before it is. Only for what cannot be undone: anything else is done at once and offers undo. */
export function ConfirmDanger(props: ConfirmDangerProps) {
  const { t } = useTranslation();
  const id = useId();
  const [typed, setTyped] = useState("");
  const [ticked, setTicked] = useState(false);
  const { open } = props;
  useEffect(() => {
    if (open) {
      setTyped("");
      setTicked(false);
    }
  }, [open]);
  const ready =
    (props.typeToConfirm === undefined || typed.trim() === props.typeToConfirm) &&
    (props.tickToConfirm === undefined || ticked);
  return (
    <Modal
      open={open}
      title={props.title}
      okText={props.action}
      okButtonProps={{ danger: true, disabled: !ready }}
      cancelText={t("ui.cancel")}
      confirmLoading={props.pending ?? false}
      onOk={props.onConfirm}
      onCancel={props.onCancel}
      destroyOnHidden
    >
      <Space orientation="vertical" size={12} style={{ width: "100%" }}>
        <div>{props.children}</div>
        {props.tickToConfirm !== undefined && (
          <Checkbox checked={ticked} onChange={(event) => setTicked(event.target.checked)}>
            {props.tickToConfirm}
          </Checkbox>
        )}
        {props.typeToConfirm !== undefined && (
          <div>
            <label htmlFor={id}>{t("ui.confirm.type", { text: props.typeToConfirm })}</label>
            <Input id={id} value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
          </div>
        )}
        {props.problem && <ErrorState problem={props.problem} />}
      </Space>
    </Modal>
  );
}
