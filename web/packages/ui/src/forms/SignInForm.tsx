import { Button, Checkbox, Form, Input } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "../feedback/ErrorState";
import { FormField, formDefaults } from "./FormField";
import { useSubmit } from "./useSubmit";

/** What signing in sends: a mail address, or an organisation code and an account name. */
export interface SignInValues {
  address?: string;
  organisation_code?: string;
  account_name?: string;
  password: string;
  remember: boolean;
}

interface SignInFormProps {
  /** With it the account name in this organisation is asked for, without it the mail address. */
  organisationCode?: string;
  /** Sends it; throws an API problem when it is refused. */
  onSubmit: (values: SignInValues) => Promise<void>;
  /** Whether to offer that the session outlives the browser. */
  offerRemember?: boolean;
  /** Below the button: other ways in. */
  children?: ReactNode;
}

interface Fields {
  login: string;
  password: string;
  remember?: boolean;
}

/** Sign-in form of the public pages and of the console. */
export function SignInForm({ organisationCode, onSubmit, offerRemember = true, children }: SignInFormProps) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const byAddress = organisationCode === undefined;
  const { submit, pending, problem } = useSubmit<Fields>(form, ({ login, password, remember = false }) => {
    const name = login.trim();
    // A whole address is understood wherever an account name is asked for.
    const who =
      byAddress || name.includes("@") ? { address: name } : { organisation_code: organisationCode, account_name: name };
    return onSubmit({ ...who, password, remember });
  });

  return (
    <Form {...formDefaults} form={form} onFinish={submit} requiredMark={false} noValidate>
      {problem && (
        <div style={{ marginBottom: 16 }}>
          <ErrorState problem={problem} />
        </div>
      )}
      <FormField
        name="login"
        label={byAddress ? t("ui.signIn.address") : t("ui.signIn.accountName")}
        required={byAddress ? t("ui.signIn.addressMissing") : t("ui.signIn.accountNameMissing")}
        rules={byAddress ? [{ pattern: /^\s*[^\s@]+@[^\s@]+\s*$/u, message: t("ui.signIn.addressIncomplete") }] : []}
      >
        <Input
          type={byAddress ? "email" : "text"}
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={320}
          autoFocus
        />
      </FormField>
      <FormField name="password" label={t("ui.signIn.password")} required={t("ui.signIn.passwordMissing")}>
        <Input.Password autoComplete="current-password" maxLength={256} />
      </FormField>
      <div style={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: "0 16px", marginBottom: 16 }}>
        {offerRemember && (
          <Form.Item name="remember" valuePropName="checked" noStyle>
            <Checkbox style={{ minHeight: 40, alignItems: "center" }}>{t("ui.signIn.remember")}</Checkbox>
          </Form.Item>
        )}
      </div>
      <Button type="primary" htmlType="submit" block loading={pending}>
        {t("ui.signIn.submit")}
      </Button>
      <ForgottenPassword />
      {children}
    </Form>
  );
}

function ForgottenPassword() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div style={{ marginTop: 8 }}>
      <Button
        type="link"
        style={{ paddingInline: 0 }}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {t("ui.signIn.forgotten")}
      </Button>
      <div id={id} hidden={!open}>
        {t("ui.signIn.forgottenHelp")}
      </div>
    </div>
  );
}
