import { FormField } from "@yanshu/ui";
import { Alert, Input, InputNumber, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { DayPicker } from "../../../parts/DayPicker";
import { useFormats } from "../../../parts/useFormats";
import type { Member, MemberPatch, ServiceClass } from "../../../server/types";
import { type MemberChoice, MemberSelect } from "../MemberSelect";
import { emptyToNull, useMemberForm } from "../useMemberForm";
import { TabForm } from "./TabForm";

const mebibyte = 1024 * 1024;

interface BasicTabProps {
  member: Member;
  classes: readonly ServiceClass[];
  onDirty: (dirty: boolean) => void;
}

/** Name, account, service class and capacity, directory visibility, dates. */
export function BasicTab({ member, classes, onDirty }: BasicTabProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const initial = {
    name: member.name,
    account_name: member.account_name,
    employee_number: member.employee_number ?? "",
    service_class_id: member.service_class.id,
    extra_mail_quota_bytes: Math.round((member.mail?.quota.extra_bytes ?? 0) / mebibyte),
    extra_drive_quota_bytes: Math.round(member.drive.extra_bytes / mebibyte),
    join_date: member.join_date,
    expires_on: member.expires_on,
    supervisor_id: member.supervisor === null ? [] : [member.supervisor],
    office_location: member.office_location ?? "",
    remarks: member.remarks ?? "",
    visible_in_directory: member.visible_in_directory,
  };
  const edit = useMemberForm(member, initial, basicPatch, onDirty);
  return (
    <>
      {member.missing_fields.length > 0 ? (
        <Alert
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={t("members.incomplete", {
            fields: member.missing_fields.map((field) => t(`columns.${field}`)).join(t("batch.separator")),
          })}
        />
      ) : null}
      <TabForm edit={edit} initial={initial} label={t("members.tab.basic")}>
        <FormField name="name" label={t("columns.name")} required={t("members.nameMissing")}>
          <Input maxLength={128} autoComplete="off" />
        </FormField>
        <FormField name="account_name" label={t("columns.account_name")} required={t("members.accountNameMissing")}>
          <Input maxLength={64} autoComplete="off" />
        </FormField>
        <FormField name="employee_number" label={t("columns.employee_number")}>
          <Input maxLength={32} autoComplete="off" />
        </FormField>
        <FormField name="service_class_id" label={t("columns.service_class")} help={t("members.classHelp")}>
          <Select options={classes.map((one) => ({ value: one.id, label: one.name }))} />
        </FormField>
        {member.mail === null ? null : (
          <FormField name="extra_mail_quota_bytes" label={t("members.extraMail")} help={t("members.extraHelp")}>
            <InputNumber min={0} max={1_073_741_824} precision={0} suffix="MB" style={{ width: "100%" }} />
          </FormField>
        )}
        <FormField name="extra_drive_quota_bytes" label={t("members.extraDrive")} help={t("members.extraHelp")}>
          <InputNumber min={0} max={1_073_741_824} precision={0} suffix="MB" style={{ width: "100%" }} />
        </FormField>
        <FormField name="join_date" label={t("columns.join_date")}>
          <DayPicker />
        </FormField>
        <FormField name="expires_on" label={t("columns.expires_on")} help={t("members.expiresHelp")}>
          <DayPicker placeholder={t("members.noEnd")} />
        </FormField>
        <FormField name="supervisor_id" label={t("columns.supervisor")}>
          <MemberSelect />
        </FormField>
        <FormField name="office_location" label={t("columns.office_location")}>
          <Input maxLength={128} autoComplete="off" />
        </FormField>
        <FormField
          name="visible_in_directory"
          label={t("columns.visible_in_directory")}
          valuePropName="checked"
          help={t("members.visibleHelp")}
        >
          <Switch />
        </FormField>
        <FormField name="remarks" label={t("columns.remarks")} style={{ gridColumn: "1 / -1" }}>
          <Input.TextArea maxLength={2000} rows={3} />
        </FormField>
      </TabForm>
      <dl className="part-facts">
        <dt>{t("columns.account_kind")}</dt>
        <dd>{t(`accountKinds.${member.account_kind}`)}</dd>
        <dt>{t("columns.created_at")}</dt>
        <dd>{formats.time(member.created_at)}</dd>
        <dt>{t("members.activatedAt")}</dt>
        <dd>{member.activated_at === null ? t("members.notActivated") : formats.time(member.activated_at)}</dd>
        <dt>{t("members.column.last_sign_in_at")}</dt>
        <dd>{member.last_sign_in_at === null ? t("members.neverSignedIn") : formats.time(member.last_sign_in_at)}</dd>
      </dl>
    </>
  );
}

function basicPatch(changed: Record<string, unknown>): MemberPatch {
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(changed)) {
    if (key === "supervisor_id") patch[key] = (value as MemberChoice[] | undefined)?.[0]?.id ?? null;
    else if (key.startsWith("extra_")) patch[key] = (typeof value === "number" ? value : 0) * mebibyte;
    else patch[key] = emptyToNull(value);
  }
  return patch as MemberPatch;
}
