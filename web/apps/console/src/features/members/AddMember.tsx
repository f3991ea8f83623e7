import { useQuery } from "@tanstack/react-query";
import { asProblem } from "@yanshu/api";
import { q } from "@yanshu/api/query";
import { FormField, formDefaults, placeFieldErrors, useUnsavedGuard } from "@yanshu/ui";
import { Button, Collapse, Drawer, Form, Input, Radio, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DayPicker } from "../../parts/DayPicker";
import { Told } from "../../parts/Failed";
import { useConfirmLeave } from "../../parts/useConfirmLeave";
import { useNarrow } from "../../parts/useNarrow";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { CreatedMember, ServiceClass } from "../../server/types";
import type { DepartmentIndex } from "./departmentIndex";
import { InitialPasswordDialogue } from "./InitialPassword";
import { type MemberChoice, MemberSelect } from "./MemberSelect";
import { type PostDraft, PostsEditor, postsToSend } from "./PostsEditor";
import { useMemberChanged } from "./useMemberChanged";
import { emptyToNull } from "./useMemberForm";

interface Fields extends Record<string, unknown> {
  name: string;
  departments: PostDraft[];
  supervisor_id?: MemberChoice[];
  password_from: "generated" | "given";
}

interface AddMemberProps {
  index: DepartmentIndex;
  department: string | undefined;
  classes: readonly ServiceClass[];
  onClose: () => void;
  onOpen: (id: string) => void;
}

/** Adds one member: the few things that are needed, the rest folded away; the initial password is shown once. */
export function AddMember({ index, department, classes, onClose, onOpen }: AddMemberProps) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const notices = useNotices();
  const changed = useMemberChanged();
  const confirmLeave = useConfirmLeave();
  const [form] = Form.useForm<Fields>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [dirty, setDirty] = useState(false);
  const [created, setCreated] = useState<CreatedMember>();
  useUnsavedGuard(dirty);

  const domains = useQuery(q(api.listDomains));
  const organisation = useQuery(q(api.getOrganisation));
  const usable = (domains.data?.items ?? []).filter((domain) => domain.state !== "waiting");
  const usual = usable.find((domain) => domain.is_default) ?? usable[0];
  const required = organisation.data?.required_fields;
  const given = Form.useWatch("password_from", form) === "given";
  const usualClass = classes.find((one) => one.is_default);

  async function add(fields: Fields) {
    const { departments, supervisor_id, password_from: _from, ...rest } = fields;
    const values = Object.fromEntries(Object.entries(rest).filter(([, value]) => emptyToNull(value) !== null));
    setBusy(true);
    setProblem(null);
    try {
      const answer = await api.createMember({
        body: {
          ...values,
          name: fields.name,
          departments: postsToSend(departments),
          supervisor_id: supervisor_id?.[0]?.id,
          domain_id: values.mail_prefix === undefined ? undefined : (values.domain_id as string | undefined),
        },
      });
      setDirty(false);
      changed(answer.member);
      if (answer.initial_password === null) {
        notices.done(t("addMember.done", { name: answer.member.name }));
        onOpen(answer.member.id);
      } else setCreated(answer);
    } catch (cause) {
      const told = asProblem(cause);
      if (!placeFieldErrors(form, told, t)) setProblem(told);
    } finally {
      setBusy(false);
    }
  }

  if (created?.initial_password) {
    return (
      <InitialPasswordDialogue
        title={t("addMember.done", { name: created.member.name })}
        password={created.initial_password}
        expires={created.initial_password_expires_at}
        address={created.member.address ?? created.member.account_name}
        onClose={onClose}
        footer={
          <Space wrap>
            <Button onClick={() => onOpen(created.member.id)}>{t("addMember.open")}</Button>
            <Button
              onClick={() => {
                form.resetFields();
                setCreated(undefined);
              }}
            >
              {t("addMember.another")}
            </Button>
            <Button type="primary" onClick={onClose}>
              {t("initialPassword.noted")}
            </Button>
          </Space>
        }
      />
    );
  }

  return (
    <Drawer
      open
      size={narrow ? "100%" : 600}
      title={t("members.add")}
      onClose={() => confirmLeave(dirty, onClose)}
      footer={
        <div className="part-row" style={{ justifyContent: "flex-end" }}>
          <Button onClick={() => confirmLeave(dirty, onClose)}>{t("parts.cancel")}</Button>
          <Button type="primary" loading={busy} onClick={() => form.submit()}>
            {t("members.add")}
          </Button>
        </div>
      }
    >
      <Form
        {...formDefaults}
        form={form}
        aria-label={t("members.add")}
        onValuesChange={() => setDirty(true)}
        onFinish={(fields) => void add(fields)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.submit();
        }}
        initialValues={{
          departments: [{ department_id: department, position: "", rank: "", is_main: true }],
          password_from: "generated",
          service_class_id: usualClass?.id,
        }}
      >
        <Told problem={problem} />
        <div className="form-grid">
          <FormField name="name" label={t("columns.name")} required={t("members.nameMissing")}>
            <Input maxLength={128} autoComplete="off" autoFocus />
          </FormField>
          <FormField
            name="mobile"
            label={t("columns.mobile")}
            required={required?.mobile === true ? t("members.mobileMissing") : false}
            help={t("members.mobileHelp")}
          >
            <Input type="tel" maxLength={32} autoComplete="off" />
          </FormField>
        </div>
        <FormField name="departments" label={t("columns.department")} required={false}>
          <PostsEditor index={index} />
        </FormField>
        <div className="form-grid">
          <FormField
            name="mail_prefix"
            label={t("columns.mail_prefix")}
            help={t("addMember.mailHelp")}
            normalize={(value: string) => value.toLowerCase()}
            rules={[{ pattern: /^([a-z0-9]([a-z0-9._-]*[a-z0-9])?)?$/, message: t("addMember.mailInvalid") }]}
          >
            <Input maxLength={64} autoComplete="off" spellCheck={false} />
          </FormField>
          <FormField key={usual?.id} name="domain_id" label={t("columns.domain")} initialValue={usual?.id}>
            <Select
              options={usable.map((domain) => ({ value: domain.id, label: `@${domain.display_name}` }))}
              notFoundContent={t("addMember.noDomain")}
            />
          </FormField>
          <FormField name="account_name" label={t("columns.account_name")} help={t("addMember.accountHelp")}>
            <Input maxLength={64} autoComplete="off" spellCheck={false} />
          </FormField>
        </div>
        <FormField name="password_from" label={t("columns.initial_password")}>
          <Radio.Group
            options={[
              { value: "generated", label: t("addMember.generated") },
              { value: "given", label: t("addMember.given") },
            ]}
          />
        </FormField>
        {given ? (
          <FormField
            name="initial_password"
            label={t("addMember.givenPassword")}
            required={t("addMember.passwordMissing")}
            help={t("addMember.givenHelp")}
          >
            <Input.Password maxLength={256} autoComplete="new-password" />
          </FormField>
        ) : null}
        <Collapse
          ghost
          items={[
            {
              key: "more",
              label: t("addMember.more"),
              forceRender: true,
              children: (
                <div className="form-grid">
                  <FormField name="employee_number" label={t("columns.employee_number")}>
                    <Input maxLength={32} autoComplete="off" />
                  </FormField>
                  <FormField name="gender" label={t("columns.gender")}>
                    <Select
                      allowClear
                      options={(["male", "female"] as const).map((gender) => ({
                        value: gender,
                        label: t(`genders.${gender}`),
                      }))}
                    />
                  </FormField>
                  <FormField name="service_class_id" label={t("columns.service_class")}>
                    <Select options={classes.map((one) => ({ value: one.id, label: one.name }))} />
                  </FormField>
                  <FormField name="supervisor_id" label={t("columns.supervisor")}>
                    <MemberSelect />
                  </FormField>
                  <FormField name="join_date" label={t("columns.join_date")}>
                    <DayPicker />
                  </FormField>
                  <FormField name="expires_on" label={t("columns.expires_on")}>
                    <DayPicker placeholder={t("members.noEnd")} />
                  </FormField>
                  <FormField name="office_phone" label={t("columns.office_phone")} help={t("members.officePhoneHelp")}>
                    <Input type="tel" maxLength={64} autoComplete="off" />
                  </FormField>
                  <FormField name="office_location" label={t("columns.office_location")}>
                    <Input maxLength={128} autoComplete="off" />
                  </FormField>
                  <FormField name="alternate_address" label={t("columns.alternate_address")}>
                    <Input type="email" maxLength={320} autoComplete="off" />
                  </FormField>
                  <FormField
                    name="kind"
                    label={t("addMember.kind")}
                    help={t("addMember.kindHelp")}
                    initialValue="person"
                  >
                    <Select
                      options={(["person", "function"] as const).map((kind) => ({
                        value: kind,
                        label: t(`memberKinds.${kind}`),
                      }))}
                    />
                  </FormField>
                  <FormField name="remarks" label={t("columns.remarks")} style={{ gridColumn: "1 / -1" }}>
                    <Input.TextArea maxLength={2000} rows={3} />
                  </FormField>
                </div>
              ),
            },
          ]}
        />
      </Form>
    </Drawer>
  );
}
