import { api } from "@yanshu/api";
import { CopyButton, ErrorState, FormField, formDefaults, useSubmit } from "@yanshu/ui";
import { Alert, Button, Checkbox, Form, Input, Modal, Select, theme } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

interface Fields {
  name: string;
  protocols: string[];
  /** For how many days; 0 is without end. */
  days: number;
  current_password: string;
}

const USES = ["imap", "smtp", "jmap"] as const;
const DAYS = [0, 30, 90, 365] as const;
const DAY_MS = 24 * 3600 * 1000;

/** Makes a client password and shows it, this once. */
export function NewClientPassword({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const [form] = Form.useForm<Fields>();
  const [made, setMade] = useState<string>();
  const { submit, pending, problem } = useSubmit<Fields>(form, async ({ days, ...rest }) => {
    const ends = days > 0 ? { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() } : {};
    const answer = await api.createClientPassword({ body: { ...rest, ...ends } });
    setMade(answer.password);
    onMade();
  });

  if (made !== undefined) {
    return (
      <Modal
        open
        title={t("clients.madeTitle")}
        onCancel={onClose}
        footer={
          <Button type="primary" onClick={onClose}>
            {t("clients.done")}
          </Button>
        }
      >
        <p>{t("clients.madeText")}</p>
        <div
          style={{
            display: "flex",
            alignItems: "center",
            gap: 8,
            padding: "12px 16px",
            background: token.colorFillTertiary,
            borderRadius: token.borderRadius,
          }}
        >
          <code style={{ flex: 1, fontSize: 18, overflowWrap: "anywhere" }}>{made}</code>
          <CopyButton text={made} label={t("clients.copyPassword")} />
        </div>
        <Alert style={{ marginTop: 16 }} type="warning" showIcon message={t("clients.madeWarning")} />
      </Modal>
    );
  }
  return (
    <Modal
      open
      title={t("clients.make")}
      okText={t("clients.makeNow")}
      confirmLoading={pending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form
        {...formDefaults}
        form={form}
        onFinish={submit}
        initialValues={{ protocols: ["imap", "smtp"], days: 0 }}
        noValidate
        style={{ marginTop: 16 }}
      >
        {problem && (
          <div style={{ marginBottom: 16 }}>
            <ErrorState problem={problem} />
          </div>
        )}
        <FormField
          name="name"
          label={t("clients.name")}
          help={t("clients.nameHelp")}
          required={t("clients.nameMissing")}
        >
          <Input maxLength={64} autoFocus />
        </FormField>
        <FormField
          name="protocols"
          label={t("clients.for")}
          rules={[{ type: "array", min: 1, message: t("clients.forMissing") }]}
        >
          <Checkbox.Group options={USES.map((use) => ({ value: use, label: t(`clients.uses.${use}`) }))} />
        </FormField>
        <FormField name="days" label={t("clients.ends")}>
          <Select options={DAYS.map((days) => ({ value: days, label: t(`clients.days.${days}`) }))} />
        </FormField>
        <FormField
          name="current_password"
          label={t("ui.password.current")}
          help={t("clients.currentHelp")}
          required={t("ui.password.currentMissing")}
        >
          <Input.Password autoComplete="current-password" maxLength={256} />
        </FormField>
      </Form>
    </Modal>
  );
}
