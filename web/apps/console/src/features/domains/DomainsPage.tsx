import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { q } from "@yanshu/api/query";
import { EmptyState, FormField, formDefaults, LoadingSkeleton, useSubmit } from "@yanshu/ui";
import { Form, Input, Modal, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Told } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { paths } from "../../paths";
import { api } from "../../server";
import { DomainTag } from "./DomainTag";

/** The organisation's mail domains and whether they can be used. */
export function DomainsPage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const domains = useQuery(q(api.listDomains));
  const [adding, setAdding] = useState(false);
  const add = (
    <GuardedButton
      needs="manage_domains"
      type="primary"
      icon={<PlusOutlined aria-hidden />}
      onClick={() => setAdding(true)}
    >
      {t("domains.add")}
    </GuardedButton>
  );
  return (
    <PageFrame narrow title={t("domains.title")} help={t("domains.help")} actions={add}>
      {domains.isPending ? (
        <LoadingSkeleton rows={4} />
      ) : domains.isError ? (
        <Failed problem={domains.error} retry={() => void domains.refetch()} />
      ) : domains.data.items.length === 0 ? (
        <EmptyState title={t("domains.none")} text={t("domains.noneHelp")} action={add} />
      ) : (
        <section className="part-section">
          <ul className="part-list" aria-label={t("domains.title")}>
            {domains.data.items.map((domain) => (
              <li key={domain.id} className="part-row">
                <span style={{ flex: "1 1 200px" }}>
                  <Link to={paths.domain} params={{ domainId: domain.id }}>
                    <strong>{domain.display_name}</strong>
                  </Link>{" "}
                  {domain.is_default ? <Tag>{t("domains.default")}</Tag> : null}
                  {domain.owned ? null : <Tag>{t("domains.granted")}</Tag>}
                </span>
                <DomainTag state={domain.state} />
                <span className="part-quiet">
                  {domain.last_checked_at === null
                    ? t("domains.neverChecked")
                    : t("domains.checked", { time: formats.ago(domain.last_checked_at) })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {adding ? <AddDomain onClose={() => setAdding(false)} /> : null}
    </PageFrame>
  );
}

function AddDomain({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [form] = Form.useForm<{ name: string }>();
  const { submit, pending, problem } = useSubmit(form, async ({ name }: { name: string }) => {
    const added = await api.addDomain({ body: { name: name.trim() } });
    await client.invalidateQueries({ queryKey: [api.listDomains.id] });
    onClose();
    await navigate({ to: paths.domain, params: { domainId: added.id } });
  });
  return (
    <Modal
      open
      title={t("domains.add")}
      okText={t("domains.add")}
      cancelText={t("parts.cancel")}
      confirmLoading={pending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Told problem={problem} />
      <Form {...formDefaults} form={form} onFinish={(fields) => void submit(fields)}>
        <FormField
          name="name"
          label={t("columns.domain")}
          required={t("domains.nameMissing")}
          help={t("domains.nameHelp")}
        >
          <Input autoFocus maxLength={253} autoComplete="off" spellCheck={false} placeholder="example.com" />
        </FormField>
      </Form>
    </Modal>
  );
}
