import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asProblem } from "@yanshu/api";
import { q } from "@yanshu/api/query";
import { LoadingSkeleton } from "@yanshu/ui";
import { App, Modal, Radio, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Told } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { membersLink } from "../../paths";
import { api } from "../../server";
import type { Administrator, AdministratorRole } from "../../server/types";
import { useMay, useSession } from "../../session/session";
import { type MemberChoice, MemberSelect } from "../members/MemberSelect";

const roles: readonly AdministratorRole[] = ["owner", "org_admin"];

/** Who administers the organisation. The last owner stays. */
export function AdministratorsPage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const { modal } = App.useApp();
  const client = useQueryClient();
  const session = useSession();
  const may = useMay();
  const [granting, setGranting] = useState(false);
  const administrators = useQuery(q(api.listAdministrators));
  const reload = () => client.invalidateQueries({ queryKey: [api.listAdministrators.id] });

  const items = administrators.data?.items ?? [];
  const owners = items.filter((one) => one.role === "owner").length;
  const lastOwner = (one: Administrator) => one.role === "owner" && owners === 1;

  async function grant(one: Administrator, role: AdministratorRole) {
    const path = { member_id: one.member_id };
    try {
      await api.grantAdministrator({ path, body: { role } });
      notices.undoable(t("administrators.changed", { name: one.name, role: t(`roles.${role}`) }), async () => {
        await api.grantAdministrator({ path, body: { role: one.role } });
        await reload();
      });
    } catch (cause) {
      notices.failed(cause);
    }
    await reload();
  }

  function revoke(one: Administrator) {
    const path = { member_id: one.member_id };
    modal.confirm({
      title: t("administrators.revokeTitle", { name: one.name }),
      content: t(one.member_id === session.member.id ? "administrators.revokeSelf" : "administrators.revokeHelp"),
      okText: t("administrators.revoke"),
      okButtonProps: { danger: true },
      cancelText: t("parts.cancel"),
      onOk: async () => {
        try {
          await api.revokeAdministrator({ path });
          notices.undoable(t("administrators.revoked", { name: one.name }), async () => {
            await api.grantAdministrator({ path, body: { role: one.role } });
            await reload();
          });
        } catch (cause) {
          notices.failed(asProblem(cause));
        }
        await reload();
      },
    });
  }

  return (
    <PageFrame
      narrow
      title={t("administrators.title")}
      help={t("administrators.help")}
      actions={
        <GuardedButton
          needs="manage_administrators"
          type="primary"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => setGranting(true)}
        >
          {t("administrators.add")}
        </GuardedButton>
      }
    >
      {administrators.isPending ? (
        <LoadingSkeleton rows={4} />
      ) : administrators.isError ? (
        <Failed problem={administrators.error} retry={() => void administrators.refetch()} />
      ) : (
        <section className="part-section">
          <ul className="part-list" aria-label={t("administrators.title")}>
            {items.map((one) => (
              <li key={one.member_id} className="part-row">
                <span style={{ flex: "1 1 220px", minWidth: 0 }}>
                  <Link {...membersLink({ member: one.member_id })}>
                    <strong>{one.name}</strong>
                  </Link>
                  <br />
                  <span className="part-quiet">
                    {one.address ?? one.account_name} ·{" "}
                    {t("administrators.since", { day: formats.day(one.granted_at) })}
                  </span>
                </span>
                <Select<AdministratorRole>
                  aria-label={t("administrators.roleOf", { name: one.name })}
                  value={one.role}
                  disabled={!may("manage_administrators") || lastOwner(one)}
                  onChange={(role) => void grant(one, role)}
                  options={roles.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
                  popupMatchSelectWidth={false}
                />
                <GuardedButton
                  needs="manage_administrators"
                  reason={lastOwner(one) ? t("administrators.lastOwner") : undefined}
                  onClick={() => revoke(one)}
                >
                  {t("administrators.revoke")}
                </GuardedButton>
              </li>
            ))}
          </ul>
        </section>
      )}
      {granting ? (
        <Grant
          onClose={() => setGranting(false)}
          onDone={async (name) => {
            setGranting(false);
            notices.done(t("administrators.added", { name }));
            await reload();
          }}
        />
      ) : null}
    </PageFrame>
  );
}

function Grant({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [member, setMember] = useState<MemberChoice>();
  const [role, setRole] = useState<AdministratorRole>("org_admin");
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  async function grant() {
    if (member === undefined) return;
    setBusy(true);
    setProblem(null);
    try {
      await api.grantAdministrator({ path: { member_id: member.id }, body: { role } });
      await onDone(member.name);
    } catch (cause) {
      setProblem(cause);
      setBusy(false);
    }
  }
  return (
    <Modal
      open
      title={t("administrators.add")}
      okText={t("administrators.add")}
      okButtonProps={{ disabled: member === undefined }}
      cancelText={t("parts.cancel")}
      confirmLoading={busy}
      onOk={() => void grant()}
      onCancel={onClose}
    >
      <Told problem={problem} />
      <Space orientation="vertical" size={16} style={{ width: "100%" }}>
        <MemberSelect
          label={t("members.one")}
          value={member === undefined ? [] : [member]}
          onChange={(members) => setMember(members[0])}
        />
        <Radio.Group
          value={role}
          onChange={(event) => setRole(event.target.value)}
          aria-label={t("administrators.role")}
        >
          <Space orientation="vertical">
            {roles.map((one) => (
              <Radio key={one} value={one}>
                {t(`roles.${one}`)} <span className="part-quiet">{t(`roleHelp.${one}`)}</span>
              </Radio>
            ))}
          </Space>
        </Radio.Group>
      </Space>
    </Modal>
  );
}
