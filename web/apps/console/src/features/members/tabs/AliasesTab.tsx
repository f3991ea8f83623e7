import { DeleteOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@yanshu/api";
import { keyOf, q } from "@yanshu/api/query";
import { EmptyState, FormField, formDefaults, LoadingSkeleton, placeFieldErrors } from "@yanshu/ui";
import { Button, Form, Input, Select, Space, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Told } from "../../../parts/Failed";
import { GuardedButton } from "../../../parts/GuardedButton";
import { useFormats } from "../../../parts/useFormats";
import { useNotices } from "../../../parts/useNotices";
import { api } from "../../../server";
import type { Member } from "../../../server/types";

/** Further addresses under which the member receives mail. */
export function AliasesTab({ member }: { member: Member }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const client = useQueryClient();
  const [form] = Form.useForm<{ local_part: string; domain_id: string }>();
  const [problem, setProblem] = useState<unknown>(null);
  const path = { id: member.id };
  const addresses = useQuery(q(api.listMemberAliases, { path }));
  const domains = useQuery(q(api.listDomains));
  const usable = (domains.data?.items ?? []).filter((domain) => domain.state !== "waiting");
  const usual = usable.find((domain) => domain.is_default) ?? usable[0];

  const reload = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keyOf(api.listMemberAliases, { path }) }),
      client.invalidateQueries({ queryKey: keyOf(api.getMember, { path }) }),
    ]);

  async function add(fields: { local_part: string; domain_id?: string }) {
    setProblem(null);
    try {
      const added = await api.addMemberAlias({
        path,
        body: { local_part: fields.local_part.trim(), domain_id: fields.domain_id },
      });
      form.resetFields();
      await reload();
      notices.done(t("aliases.added", { address: added.address }));
    } catch (cause) {
      const told = asProblem(cause);
      if (!placeFieldErrors(form, told, t)) setProblem(told);
    }
  }

  async function remove(address: string) {
    try {
      await api.removeMemberAlias({ path: { id: member.id, address } });
      await reload();
      const [local_part = "", name] = address.split("@");
      const domain = usable.find((one) => one.name === name);
      notices.undoable(t("aliases.removed", { address }), async () => {
        await api.addMemberAlias({ path, body: { local_part, domain_id: domain?.id } });
        await reload();
      });
    } catch (cause) {
      notices.failed(cause);
    }
  }

  if (member.mail === null) return <EmptyState title={t("aliases.noMailbox")} />;
  if (addresses.isPending) return <LoadingSkeleton rows={3} />;
  if (addresses.isError) return <Failed problem={addresses.error} retry={() => void addresses.refetch()} />;
  return (
    <>
      <ul className="part-list" aria-label={t("members.tab.aliases")}>
        {addresses.data.items.map((one) => (
          <li key={one.address} className="part-row">
            <span className="part-mono" style={{ flex: 1 }}>
              {one.address}
            </span>
            <Tag>{t(`addressKinds.${one.kind}`)}</Tag>
            <span className="part-quiet">{formats.day(one.created_at)}</span>
            {one.kind === "alias" ? (
              <GuardedButton
                needs="manage_members"
                type="text"
                size="small"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t("aliases.remove", { address: one.address })}
                onClick={() => void remove(one.address)}
              />
            ) : null}
          </li>
        ))}
      </ul>
      <Form
        {...formDefaults}
        form={form}
        aria-label={t("aliases.add")}
        onFinish={(fields) => void add(fields)}
        style={{ marginTop: 16 }}
      >
        <Told problem={problem} />
        <Space align="start" wrap>
          <FormField name="local_part" label={t("aliases.localPart")} required={t("aliases.localPartMissing")}>
            <Input maxLength={64} autoComplete="off" spellCheck={false} />
          </FormField>
          <FormField name="domain_id" label={t("columns.domain")} initialValue={usual?.id}>
            <Select
              style={{ minWidth: 180 }}
              options={usable.map((domain) => ({ value: domain.id, label: `@${domain.display_name}` }))}
            />
          </FormField>
          <Form.Item label=" ">
            <GuardedButton needs="manage_members" type="primary" htmlType="submit">
              {t("aliases.add")}
            </GuardedButton>
          </Form.Item>
        </Space>
      </Form>
      <p className="part-quiet">{t("aliases.help")}</p>
      {addresses.isRefetching ? <Button type="text" loading aria-label={t("states.loading")} /> : null}
    </>
  );
}
