import { Button, Form, Input } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "../feedback/ErrorState";
import { FormField, formDefaults } from "./FormField";
import { PasswordField } from "./PasswordField";
import { allMet, type PasswordRule } from "./password-rules";
import { useSubmit } from "./useSubmit";

interface NewPasswordFormProps {
  /** Asks for the current password too. */
  withCurrent?: boolean;
  /** Told to password managers, so that they store the right pair. */
  username?: string;
  check: (password: string) => Promise<PasswordRule[]>;
  onSubmit: (values: { new_password: string; current_password?: string }) => Promise<void>;
  submitLabel: string;
  autoFocus?: boolean;
  block?: boolean;
  children?: ReactNode;
}

interface Fields {
  current_password?: string;
  new_password: string;
  repeated: string;
}

/** Choosing a new password: after an initial one, or in place of the current one. */
export function NewPasswordForm(props: NewPasswordFormProps) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const { submit, pending, problem } = useSubmit<Fields>(form, async ({ current_password, new_password }) => {
    await props.onSubmit(current_password === undefined ? { new_password } : { current_password, new_password });
    form.resetFields();
  });

  return (
    <Form {...formDefaults} form={form} onFinish={submit} requiredMark={false} noValidate>
      {problem && (
        <div style={{ marginBottom: 16 }}>
          <ErrorState problem={problem} />
        </div>
      )}
      <input type="text" name="username" autoComplete="username" value={props.username ?? ""} readOnly hidden />
      {props.withCurrent && (
        <FormField name="current_password" label={t("ui.password.current")} required={t("ui.password.currentMissing")}>
          <Input.Password autoComplete="current-password" maxLength={256} />
        </FormField>
      )}
      <FormField
        name="new_password"
        label={t("ui.password.new")}
        required={t("ui.password.newMissing")}
        rules={[
          {
            validator: async (_, value: string) => {
              // What the server cannot be asked now it checks when the form is sent.
              const rules = await props.check(value).catch(() => []);
              if (rules.length > 0 && !allMet(rules)) throw new Error(t("ui.password.refused"));
            },
          },
        ]}
      >
        <PasswordField check={props.check} autoFocus={props.autoFocus ?? false} />
      </FormField>
      <FormField
        name="repeated"
        label={t("ui.password.repeat")}
        dependencies={["new_password"]}
        required={t("ui.password.repeatMissing")}
        rules={[
          ({ getFieldValue }) => ({
            validator: async (_, value: string) => {
              if (value !== getFieldValue("new_password")) throw new Error(t("ui.password.different"));
            },
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={256} />
      </FormField>
      <Button type="primary" htmlType="submit" block={props.block ?? false} loading={pending}>
        {props.submitLabel}
      </Button>
      {props.children}
    </Form>
  );
}
