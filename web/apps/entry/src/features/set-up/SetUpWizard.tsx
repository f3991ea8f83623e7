import { api, asProblem } from "@yanshu/api";
import {
  allMet,
  currentLanguage,
  ErrorState,
  FormField,
  formDefaults,
  PasswordField,
  PublicPage,
  useSubmit,
  useUnsavedGuard,
} from "@yanshu/ui";
import { Button, Form, Input, theme } from "antd";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";

interface Fields {
  organisation_name: string;
  organisation_code: string;
  domain: string;
  administrator_name: string;
  mail_prefix: string;
  password: string;
}

const steps: { key: "organisation" | "domain" | "administrator" | "password"; fields: (keyof Fields)[] }[] = [
  { key: "organisation", fields: ["organisation_name", "organisation_code"] },
  { key: "domain", fields: ["domain"] },
  { key: "administrator", fields: ["administrator_name", "mail_prefix"] },
  { key: "password", fields: ["password"] },
];

interface SetUpWizardProps {
  token: string;
  onDone: (made: { code: string; address: string }) => void;
  onDeadLink: () => void;
}

/** Four short steps. All fields stay in one form, so going back loses nothing. */
export function SetUpWizard({ token, onDone, onDeadLink }: SetUpWizardProps) {
  const { t } = useTranslation();
  const { token: look } = theme.useToken();
  const [form] = Form.useForm<Fields>();
  const [at, setAt] = useState(0);
  const [dirty, setDirty] = useState(false);
  const values = Form.useWatch([], { form, preserve: true }) as Partial<Fields> | undefined;
  useUnsavedGuard(dirty);

  const step = steps[at] ?? steps[0];
  const last = at === steps.length - 1;

  const { submit, pending, problem } = useSubmit<Fields>(form, async (fields) => {
    const body = {
      token,
      organisation_name: fields.organisation_name.trim(),
      organisation_code: fields.organisation_code.trim(),
      domain: fields.domain.trim(),
      administrator_name: fields.administrator_name.trim(),
      mail_prefix: fields.mail_prefix.trim(),
      password: fields.password,
      language: currentLanguage(),
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
    try {
      const session = await api.setUpOrganisation({ body });
      setDirty(false);
      onDone({ code: session.organisation.code, address: session.member.address ?? session.member.account_name });
    } catch (cause) {
      const { code, fields: faults } = asProblem(cause);
      if (code === "setup_link_invalid") onDeadLink();
      // The step with the first wrong field is shown before the errors land on it.
      const wrong = steps.findIndex((step) =>
        faults.some((fault) => step.fields.includes(fault.field as keyof Fields)),
      );
      if (wrong >= 0) flushSync(() => setAt(wrong));
      throw cause;
    }
  });

  const next = async () => {
    if (last) await submit(form.getFieldsValue(true));
    else setAt(at + 1);
  };

  const domain = values?.domain?.trim() || "example.com";
  return (
    <PublicPage
      title={t(`setUp.${step?.key}.title`)}
      intro={t(`setUp.${step?.key}.intro`)}
      above={
        <p aria-live="polite" style={{ margin: "0 0 8px", color: look.colorTextSecondary }}>
          {t("setUp.step", { at: at + 1, of: steps.length })}
        </p>
      }
    >
      <Form
        {...formDefaults}
        form={form}
        onFinish={next}
        onValuesChange={() => setDirty(true)}
        requiredMark={false}
        noValidate
      >
        {problem && (
          <div style={{ marginBottom: 16 }}>
            <ErrorState problem={problem} title={t("setUp.failed")} />
          </div>
        )}
        {step?.key === "organisation" && (
          <>
            <FormField
              name="organisation_name"
              label={t("setUp.organisation.name")}
              required={t("setUp.organisation.nameMissing")}
            >
              <Input autoFocus autoComplete="organization" maxLength={128} />
            </FormField>
            <FormField
              name="organisation_code"
              label={t("setUp.organisation.code")}
              help={t("setUp.organisation.codeHelp")}
              required={t("setUp.organisation.codeMissing")}
              rules={[
                { pattern: /^\s*[a-z0-9]([a-z0-9-]*[a-z0-9])?\s*$/i, message: t("setUp.organisation.codeWrong") },
              ]}
            >
              <Input autoComplete="off" autoCapitalize="none" autoCorrect="off" spellCheck={false} maxLength={32} />
            </FormField>
          </>
        )}
        {step?.key === "domain" && (
          <FormField
            name="domain"
            label={t("setUp.domain.name")}
            help={t("setUp.domain.help")}
            required={t("setUp.domain.missing")}
            rules={[{ pattern: /^\s*[^\s@.]+(\.[^\s@.]+)+\s*$/u, message: t("setUp.domain.wrong") }]}
          >
            <Input
              autoFocus
              type="text"
              inputMode="url"
              placeholder="example.com"
              autoComplete="off"
              autoCapitalize="none"
              autoCorrect="off"
              spellCheck={false}
              maxLength={253}
            />
          </FormField>
        )}
        {step?.key === "administrator" && (
          <>
            <FormField
              name="administrator_name"
              label={t("setUp.administrator.name")}
              required={t("setUp.administrator.nameMissing")}
            >
              <Input autoFocus autoComplete="name" maxLength={128} />
            </FormField>
            <FormField
              name="mail_prefix"
              label={t("setUp.administrator.prefix")}
              help={t("setUp.administrator.prefixHelp")}
              required={t("setUp.administrator.prefixMissing")}
              rules={[
                {
                  pattern: /^\s*[a-z0-9](?!.*\.\.)([a-z0-9._-]*[a-z0-9])?\s*$/i,
                  message: t("setUp.administrator.prefixWrong"),
                },
              ]}
            >
              <Input
                suffix={`@${domain}`}
                autoComplete="off"
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                maxLength={64}
              />
            </FormField>
          </>
        )}
        {step?.key === "password" && (
          <>
            <input
              type="text"
              name="username"
              autoComplete="username"
              value={`${values?.mail_prefix?.trim() ?? ""}@${domain}`}
              readOnly
              hidden
            />
            <FormField
              name="password"
              label={t("setUp.password.label")}
              required={t("setUp.password.missing")}
              rules={[
                {
                  validator: async (_, value: string) => {
                    const rules = await check(value, form.getFieldsValue(true)).catch(() => []);
                    if (rules.length > 0 && !allMet(rules)) throw new Error(t("setUp.password.refused"));
                  },
                },
              ]}
            >
              <PasswordField autoFocus check={(password) => check(password, form.getFieldsValue(true))} />
            </FormField>
          </>
        )}
        <div style={{ display: "flex", gap: 12, paddingTop: 8 }}>
          {at > 0 && (
            <Button style={{ flex: 1 }} onClick={() => setAt(at - 1)} disabled={pending}>
              {t("setUp.back")}
            </Button>
          )}
          <Button type="primary" htmlType="submit" style={{ flex: 2 }} loading={pending}>
            {last ? t("setUp.finish") : t("setUp.next")}
          </Button>
        </div>
      </Form>
    </PublicPage>
  );
}

async function check(password: string, fields: Partial<Fields>) {
  const name = fields.administrator_name?.trim();
  return (await api.checkPassword({ body: { password, ...(name ? { name } : {}) } })).rules;
}
