import { useQuery } from "@tanstack/react-query";
import { q } from "@yanshu/api/query";
import { FormField, formDefaults, LoadingSkeleton } from "@yanshu/ui";
import { Checkbox, Form, Input, InputNumber, Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Told } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { api } from "../../server";
import type { Organisation } from "../../server/types";
import { useMay } from "../../session/session";
import { useSettingsForm } from "./useSettingsForm";

const requirable = ["name", "mobile", "department"] as const;
type Requirable = (typeof requirable)[number];

interface Fields {
  name: string;
  time_zone: string;
  language: string;
  required: Requirable[];
  initial_password_days: number;
}

/** What the organisation is called, which clock it follows, and what a member must have. */
export function OrganisationPage() {
  const { t } = useTranslation();
  const organisation = useQuery(q(api.getOrganisation));
  return (
    <PageFrame narrow title={t("organisation.title")}>
      {organisation.isPending ? (
        <LoadingSkeleton rows={8} />
      ) : organisation.isError ? (
        <Failed problem={organisation.error} retry={() => void organisation.refetch()} />
      ) : (
        <Settings key={JSON.stringify(organisation.data)} stored={organisation.data} />
      )}
    </PageFrame>
  );
}

function Settings({ stored }: { stored: Organisation }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const may = useMay();
  const [form] = Form.useForm<Fields>();
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  const edit = useSettingsForm<Fields>(
    form,
    stored,
    (values) => ({
      name: values.name.trim(),
      time_zone: values.time_zone,
      language: values.language,
      initial_password_days: values.initial_password_days,
      required_fields: {
        name: values.required.includes("name"),
        mobile: values.required.includes("mobile"),
        department: values.required.includes("department"),
      },
    }),
    () => ({
      name: stored.name,
      time_zone: stored.time_zone,
      language: stored.language,
      initial_password_days: stored.initial_password_days,
      required_fields: stored.required_fields,
    }),
  );
  return (
    <section className="part-section">
      <Form
        {...formDefaults}
        form={form}
        aria-label={t("organisation.title")}
        disabled={!may("manage_organisation")}
        onValuesChange={edit.touch}
        onFinish={(values) => void edit.submit(values)}
        initialValues={{
          name: stored.name,
          time_zone: stored.time_zone,
          language: stored.language,
          initial_password_days: stored.initial_password_days,
          required: requirable.filter((field) => stored.required_fields[field]),
        }}
      >
        <Told problem={edit.problem} />
        <div className="form-grid">
          <FormField name="name" label={t("organisation.name")} required={t("organisation.nameMissing")}>
            <Input maxLength={128} autoComplete="organization" />
          </FormField>
          <Form.Item label={t("organisation.code")} extra={t("organisation.codeHelp")} htmlFor="organisation-code">
            <Input id="organisation-code" value={stored.code} readOnly disabled />
          </Form.Item>
          <FormField name="time_zone" label={t("organisation.timeZone")} help={t("organisation.timeZoneHelp")}>
            <Select showSearch options={zones.map((zone) => ({ value: zone, label: zone }))} />
          </FormField>
          <FormField name="language" label={t("organisation.language")} help={t("organisation.languageHelp")}>
            <Select
              options={[
                { value: "zh-CN", label: "简体中文" },
                { value: "en", label: "English" },
              ]}
            />
          </FormField>
          <Form.Item label={t("organisation.limit")} extra={t("organisation.limitHelp")} htmlFor="organisation-limit">
            <Input
              id="organisation-limit"
              disabled
              value={stored.member_limit === null ? t("organisation.noLimit") : formats.number(stored.member_limit)}
            />
          </Form.Item>
          <FormField
            name="initial_password_days"
            label={t("organisation.initialDays")}
            help={t("organisation.initialDaysHelp")}
          >
            <InputNumber min={1} max={90} precision={0} suffix={t("organisation.days")} style={{ width: "100%" }} />
          </FormField>
        </div>
        <FormField name="required" label={t("organisation.required")} help={t("organisation.requiredHelp")}>
          <Checkbox.Group options={requirable.map((field) => ({ value: field, label: t(`columns.${field}`) }))} />
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
