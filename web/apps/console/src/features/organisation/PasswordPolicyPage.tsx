import { useQuery } from "@tanstack/react-query";
import { q } from "@yanshu/api/query";
import { FormField, formDefaults, LoadingSkeleton } from "@yanshu/ui";
import { Checkbox, Form, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { Failed, Told } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { api } from "../../server";
import type { Organisation, PasswordPolicy } from "../../server/types";
import { useMay } from "../../session/session";
import { useSettingsForm } from "./useSettingsForm";

const classes = ["upper", "lower", "digit", "special"] as const;

interface Fields {
  min_length: number;
  history: number;
  must: Array<(typeof classes)[number]>;
  client_passwords_only: boolean;
}

/** What a password must have. Holds for every password chosen from now on. */
export function PasswordPolicyPage() {
  const { t } = useTranslation();
  const organisation = useQuery(q(api.getOrganisation));
  return (
    <PageFrame narrow title={t("passwordPolicy.title")} help={t("passwordPolicy.help")}>
      {organisation.isPending ? (
        <LoadingSkeleton rows={6} />
      ) : organisation.isError ? (
        <Failed problem={organisation.error} retry={() => void organisation.refetch()} />
      ) : (
        <Policy
          key={JSON.stringify([organisation.data.password_policy, organisation.data.client_passwords_only])}
          stored={organisation.data}
        />
      )}
    </PageFrame>
  );
}

function Policy({ stored }: { stored: Organisation }) {
  const { t } = useTranslation();
  const may = useMay();
  const [form] = Form.useForm<Fields>();
  const policy = stored.password_policy;
  const edit = useSettingsForm<Fields>(
    form,
    stored,
    (values) => ({ password_policy: toPolicy(values), client_passwords_only: values.client_passwords_only }),
    () => ({ password_policy: policy, client_passwords_only: stored.client_passwords_only }),
  );
  return (
    <section className="part-section">
      <Form
        {...formDefaults}
        form={form}
        aria-label={t("passwordPolicy.title")}
        disabled={!may("manage_organisation")}
        onValuesChange={edit.touch}
        onFinish={(values) => void edit.submit(values)}
        initialValues={{
          min_length: policy.min_length,
          history: policy.history,
          must: classes.filter((one) => policy[`require_${one}`]),
          client_passwords_only: stored.client_passwords_only,
        }}
      >
        <Told problem={edit.problem} />
        <FormField name="min_length" label={t("passwordPolicy.length")} help={t("passwordPolicy.lengthHelp")}>
          <InputNumber min={8} max={64} precision={0} />
        </FormField>
        <FormField name="must" label={t("passwordPolicy.must")}>
          <Checkbox.Group options={classes.map((one) => ({ value: one, label: t(`passwordPolicy.${one}`) }))} />
        </FormField>
        <FormField name="history" label={t("passwordPolicy.history")} help={t("passwordPolicy.historyHelp")}>
          <InputNumber min={0} max={24} precision={0} />
        </FormField>
        <p className="part-quiet">{t("passwordPolicy.always")}</p>
        <FormField
          name="client_passwords_only"
          help={t("passwordPolicy.clientsHelp")}
          label={t("passwordPolicy.clients")}
          valuePropName="checked"
        >
          <Checkbox>{t("passwordPolicy.clientsOnly")}</Checkbox>
        </FormField>
        <GuardedButton
          needs="manage_organisation"
          type="primary"
          htmlType="submit"
          loading={edit.pending}
          reason={edit.dirty ? undefined : t("settings.nothingChanged")}
        >
          {t("parts.save")}
        </GuardedButton>
      </Form>
    </section>
  );
}

function toPolicy(values: Fields): PasswordPolicy {
  return {
    min_length: values.min_length,
    history: values.history,
    require_upper: values.must.includes("upper"),
    require_lower: values.must.includes("lower"),
    require_digit: values.must.includes("digit"),
    require_special: values.must.includes("special"),
  };
}
