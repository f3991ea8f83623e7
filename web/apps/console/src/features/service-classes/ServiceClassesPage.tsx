import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@yanshu/api/query";
import { FormField, formDefaults, LoadingSkeleton, useSubmit } from "@yanshu/ui";
import { Form, Input, InputNumber, Modal, Select, Space, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Told } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { membersLink } from "../../paths";
import { api } from "../../server";
import type { ServiceClass } from "../../server/types";
import { fromBytes, type Size, toBytes } from "./quotaSize";

/** What members of each class are given. A change reaches all of them at once. */
export function ServiceClassesPage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const client = useQueryClient();
  const classes = useQuery(q(api.listServiceClasses));
  const [editing, setEditing] = useState<ServiceClass | "new">();
  const reload = () => client.invalidateQueries({ queryKey: [api.listServiceClasses.id] });
  const quota = (bytes: number | null) => (bytes === null ? t("members.unlimited") : formats.size(bytes));

  async function remove(one: ServiceClass) {
    try {
      await api.removeServiceClass({ path: { id: one.id } });
      notices.undoable(t("serviceClasses.removed", { name: one.name }), async () => {
        const { name, mail_quota_bytes, drive_quota_bytes } = one;
        await api.addServiceClass({ body: { name, mail_quota_bytes, drive_quota_bytes } });
        await reload();
      });
    } catch (cause) {
      notices.failed(cause);
    }
    await reload();
  }

  async function makeDefault(one: ServiceClass) {
    const before = classes.data?.items.find((other) => other.is_default);
    try {
      await api.updateServiceClass({ path: { id: one.id }, body: { is_default: true } });
      notices.undoable(t("serviceClasses.madeDefault", { name: one.name }), async () => {
        if (before !== undefined) await api.updateServiceClass({ path: { id: before.id }, body: { is_default: true } });
        await reload();
      });
    } catch (cause) {
      notices.failed(cause);
    }
    await reload();
  }

  return (
    <PageFrame
      narrow
      title={t("serviceClasses.title")}
      help={t("serviceClasses.help")}
      actions={
        <GuardedButton
          needs="manage_service_classes"
          type="primary"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => setEditing("new")}
        >
          {t("serviceClasses.add")}
        </GuardedButton>
      }
    >
      {classes.isPending ? (
        <LoadingSkeleton rows={4} />
      ) : classes.isError ? (
        <Failed problem={classes.error} retry={() => void classes.refetch()} />
      ) : (
        <section className="part-section">
          <ul className="part-list" aria-label={t("serviceClasses.title")}>
            {classes.data.items.map((one) => (
              <li key={one.id} className="part-row">
                <span style={{ flex: "1 1 260px" }}>
                  <strong>{one.name}</strong> {one.is_default ? <Tag>{t("serviceClasses.default")}</Tag> : null}
                  <br />
                  <span className="part-quiet">
                    {t("serviceClasses.quotas", {
                      mail: quota(one.mail_quota_bytes),
                      drive: quota(one.drive_quota_bytes),
                    })}
                    {" · "}
                    <Link {...membersLink({ class: one.id })}>
                      {t("serviceClasses.members", {
                        count: one.member_count,
                        shown: formats.number(one.member_count),
                      })}
                    </Link>
                  </span>
                </span>
                {one.is_default ? null : (
                  <GuardedButton needs="manage_service_classes" size="small" onClick={() => void makeDefault(one)}>
                    {t("serviceClasses.makeDefault")}
                  </GuardedButton>
                )}
                <GuardedButton
                  needs="manage_service_classes"
                  size="small"
                  aria-label={t("serviceClasses.editOne", { name: one.name })}
                  onClick={() => setEditing(one)}
                >
                  {t("serviceClasses.edit")}
                </GuardedButton>
                <GuardedButton
                  needs="manage_service_classes"
                  size="small"
                  danger
                  aria-label={t("serviceClasses.removeOne", { name: one.name })}
                  reason={
                    one.is_default
                      ? t("serviceClasses.defaultStays")
                      : one.member_count > 0
                        ? t("serviceClasses.inUse", { count: one.member_count })
                        : undefined
                  }
                  onClick={() => void remove(one)}
                >
                  {t("serviceClasses.remove")}
                </GuardedButton>
              </li>
            ))}
          </ul>
        </section>
      )}
      {editing === undefined ? null : (
        <EditServiceClass
          one={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={async (name) => {
            setEditing(undefined);
            notices.done(t("serviceClasses.saved", { name }));
            await reload();
          }}
        />
      )}
    </PageFrame>
  );
}

interface Fields {
  name: string;
  mail: Size;
  drive: Size;
}

function EditServiceClass({
  one,
  onClose,
  onSaved,
}: {
  one: ServiceClass | undefined;
  onClose: () => void;
  onSaved: (name: string) => Promise<void>;
}) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const { submit, pending, problem } = useSubmit<Fields>(form, async (values) => {
    const body = {
      name: values.name.trim(),
      mail_quota_bytes: toBytes(values.mail),
      drive_quota_bytes: toBytes(values.drive),
    };
    if (one === undefined) await api.addServiceClass({ body });
    else await api.updateServiceClass({ path: { id: one.id }, body });
    await onSaved(body.name);
  });
  return (
    <Modal
      open
      title={one === undefined ? t("serviceClasses.add") : t("serviceClasses.editOne", { name: one.name })}
      okText={t("parts.save")}
      cancelText={t("parts.cancel")}
      confirmLoading={pending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Told problem={problem} />
      <Form
        {...formDefaults}
        form={form}
        onFinish={(values) => void submit(values)}
        initialValues={{
          name: one?.name ?? "",
          mail: fromBytes(one === undefined ? 5 * 1024 ** 3 : one.mail_quota_bytes),
          drive: fromBytes(one === undefined ? 5 * 1024 ** 3 : one.drive_quota_bytes),
        }}
      >
        <FormField name="name" label={t("serviceClasses.name")} required={t("serviceClasses.nameMissing")}>
          <Input maxLength={64} autoFocus autoComplete="off" />
        </FormField>
        <FormField name="mail" label={t("serviceClasses.mail")}>
          <SizeInput label={t("serviceClasses.mail")} />
        </FormField>
        <FormField name="drive" label={t("serviceClasses.drive")}>
          <SizeInput label={t("serviceClasses.drive")} />
        </FormField>
        {one !== undefined && one.member_count > 0 ? (
          <p className="part-quiet">{t("serviceClasses.reaches", { count: one.member_count })}</p>
        ) : null}
      </Form>
    </Modal>
  );
}

function SizeInput({
  value,
  onChange,
  label,
  id,
}: {
  value?: Size;
  onChange?: (size: Size) => void;
  label: string;
  id?: string;
}) {
  const { t } = useTranslation();
  const size = value ?? { amount: null, unit: "unlimited" };
  return (
    <Space.Compact block>
      <InputNumber
        id={id}
        aria-label={label}
        min={0}
        max={1_048_576}
        disabled={size.unit === "unlimited"}
        value={size.unit === "unlimited" ? null : size.amount}
        onChange={(amount) => onChange?.({ ...size, amount: typeof amount === "number" ? amount : null })}
        style={{ width: "100%" }}
      />
      <Select<Size["unit"]>
        aria-label={t("serviceClasses.unit", { what: label })}
        value={size.unit}
        onChange={(unit) => onChange?.({ amount: size.amount ?? 1, unit })}
        options={(["MB", "GB", "TB", "unlimited"] as const).map((unit) => ({
          value: unit,
          label: unit === "unlimited" ? t("members.unlimited") : unit,
        }))}
        style={{ minWidth: 110 }}
      />
    </Space.Compact>
  );
}
