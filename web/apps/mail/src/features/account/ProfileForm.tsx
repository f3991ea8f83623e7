import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { api } from "@yanshu/api";
import { q } from "@yanshu/api/query";
import { ErrorState, FormField, formDefaults, useShortcuts, useSubmit, useUnsavedGuard } from "@yanshu/ui";
import { App, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "./ProfilePage";

interface Fields {
  nickname: string;
  birthday: string;
  office_phone: string;
  home_phone: string;
  alternate_address: string;
}

/** The fields that are the member's own. */
export function ProfileForm({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const [dirty, setDirty] = useState(false);

  const { submit, pending, problem } = useSubmit<Fields>(form, async (fields) => {
    const saved = await api.updateAccount({
      body: {
        nickname: orNull(fields.nickname),
        birthday: orNull(fields.birthday),
        office_phone: orNull(fields.office_phone),
        home_phone: orNull(fields.home_phone),
        alternate_address: orNull(fields.alternate_address),
      },
    });
    queryClient.setQueryData(q(api.getAccount).queryKey, saved);
    form.setFieldsValue(fieldsOf(saved));
    setDirty(false);
    void message.success(t("profile.saved"));
  });

  useUnsavedGuard(dirty);
  useBlocker({ shouldBlockFn: () => dirty && !window.confirm(t("profile.leaveUnsaved")), enableBeforeUnload: false });
  useShortcuts({ "Ctrl+Enter": () => form.submit(), "Ctrl+s": () => form.submit() });

  return (
    <Form
      {...formDefaults}
      form={form}
      initialValues={fieldsOf(account)}
      onValuesChange={() => setDirty(true)}
      onFinish={submit}
      noValidate
      style={{ maxWidth: 400 }}
    >
      {problem && (
        <div style={{ marginBottom: 16 }}>
          <ErrorState problem={problem} title={t("profile.notSaved")} />
        </div>
      )}
      <FormField name="nickname" label={t("profile.nickname")} help={t("profile.nicknameHelp")}>
        <Input autoComplete="nickname" maxLength={128} />
      </FormField>
      <FormField name="birthday" label={t("profile.birthday")}>
        <Input type="date" autoComplete="bday" min="1900-01-01" max={new Date().toISOString().slice(0, 10)} />
      </FormField>
      <FormField name="office_phone" label={t("profile.officePhone")}>
        <Input type="tel" autoComplete="tel" maxLength={64} />
      </FormField>
      <FormField name="home_phone" label={t("profile.homePhone")}>
        <Input type="tel" autoComplete="tel" maxLength={64} />
      </FormField>
      <FormField
        name="alternate_address"
        label={t("profile.alternateAddress")}
        help={t("profile.alternateAddressHelp")}
        rules={[{ pattern: /^\s*[^\s@]+@[^\s@]+\s*$/u, message: t("profile.addressIncomplete") }]}
      >
        <Input type="email" autoComplete="email" spellCheck={false} maxLength={320} />
      </FormField>
      <div style={{ display: "flex", gap: 8, paddingTop: 8 }}>
        <Button type="primary" htmlType="submit" loading={pending} disabled={!dirty}>
          {t("profile.save")}
        </Button>
        {dirty && (
          <Button
            disabled={pending}
            onClick={() => {
              form.setFieldsValue(fieldsOf(account));
              setDirty(false);
            }}
          >
            {t("profile.discard")}
          </Button>
        )}
      </div>
    </Form>
  );
}

function fieldsOf(account: Account): Fields {
  return {
    nickname: account.nickname ?? "",
    birthday: account.birthday ?? "",
    office_phone: account.office_phone ?? "",
    home_phone: account.home_phone ?? "",
    alternate_address: account.alternate_address ?? "",
  };
}

function orNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}
