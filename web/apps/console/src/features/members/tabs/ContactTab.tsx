import { FormField } from "@yanshu/ui";
import { Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { DayPicker } from "../../../parts/DayPicker";
import type { Member, MemberPatch } from "../../../server/types";
import { emptyToNull, useMemberForm } from "../useMemberForm";
import { TabForm } from "./TabForm";

/** How colleagues reach the member. */
export function ContactTab({ member, onDirty }: { member: Member; onDirty: (dirty: boolean) => void }) {
  const { t } = useTranslation();
  const initial = {
    nickname: member.nickname ?? "",
    gender: member.gender,
    birthday: member.birthday,
    mobile: member.mobile ?? "",
    office_phone: member.office_phone ?? "",
    home_phone: member.home_phone ?? "",
    alternate_address: member.alternate_address ?? "",
  };
  const edit = useMemberForm(
    member,
    initial,
    (changed) =>
      Object.fromEntries(Object.entries(changed).map(([key, value]) => [key, emptyToNull(value)])) as MemberPatch,
    onDirty,
  );
  return (
    <TabForm edit={edit} initial={initial} label={t("members.tab.contact")}>
      <FormField name="nickname" label={t("columns.nickname")}>
        <Input maxLength={128} autoComplete="off" />
      </FormField>
      <FormField name="gender" label={t("columns.gender")}>
        <Select
          allowClear
          options={(["male", "female"] as const).map((gender) => ({ value: gender, label: t(`genders.${gender}`) }))}
        />
      </FormField>
      <FormField name="birthday" label={t("columns.birthday")}>
        <DayPicker />
      </FormField>
      <FormField name="mobile" label={t("columns.mobile")} help={t("members.mobileHelp")}>
        <Input type="tel" maxLength={32} autoComplete="off" />
      </FormField>
      <FormField name="office_phone" label={t("columns.office_phone")} help={t("members.officePhoneHelp")}>
        <Input type="tel" maxLength={64} autoComplete="off" />
      </FormField>
      <FormField name="home_phone" label={t("columns.home_phone")}>
        <Input type="tel" maxLength={64} autoComplete="off" />
      </FormField>
      <FormField name="alternate_address" label={t("columns.alternate_address")}>
        <Input type="email" maxLength={320} autoComplete="off" />
      </FormField>
    </TabForm>
  );
}
