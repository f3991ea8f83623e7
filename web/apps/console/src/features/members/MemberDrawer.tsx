import { useQuery } from "@tanstack/react-query";
import { q } from "@yanshu/api/query";
import { CopyButton, LoadingSkeleton } from "@yanshu/ui";
import { Drawer, Select, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { StateTag } from "../../parts/StateTag";
import { useConfirmLeave } from "../../parts/useConfirmLeave";
import { useFormats } from "../../parts/useFormats";
import { useNarrow } from "../../parts/useNarrow";
import { api } from "../../server";
import type { Member, ServiceClass } from "../../server/types";
import { useMay } from "../../session/session";
import type { DepartmentIndex } from "./departmentIndex";
import { MemberActions } from "./MemberActions";
import { type MemberTab, memberTabs } from "./memberSearch";
import { AliasesTab } from "./tabs/AliasesTab";
import { BasicTab } from "./tabs/BasicTab";
import { ContactTab } from "./tabs/ContactTab";
import { DepartmentsTab } from "./tabs/DepartmentsTab";
import { HistoryTab } from "./tabs/HistoryTab";
import { SecurityTab } from "./tabs/SecurityTab";

interface MemberDrawerProps {
  id: string;
  tab: MemberTab;
  index: DepartmentIndex;
  classes: readonly ServiceClass[];
  onTab: (tab: MemberTab) => void;
  onClose: () => void;
}

/** One member: who it is on top, whatever tab is open below. */
export function MemberDrawer({ id, tab, index, classes, onTab, onClose }: MemberDrawerProps) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const may = useMay();
  const confirmLeave = useConfirmLeave();
  const [dirty, setDirty] = useState(false);
  const member = useQuery(q(api.getMember, { path: { id } }));

  const tabs = memberTabs.filter((key) => key !== "history" || may("view_audit"));

  const leave = (go: () => void) =>
    confirmLeave(dirty, () => {
      setDirty(false);
      go();
    });

  return (
    <Drawer
      open
      size={narrow ? "100%" : 680}
      title={member.data?.name ?? t("members.one")}
      extra={
        member.data === undefined ? null : (
          <span className="part-row part-quiet">
            <span className="part-mono">{member.data.id}</span>
            <CopyButton text={member.data.id} label={t("members.copyId")} />
          </span>
        )
      }
      onClose={() => leave(onClose)}
    >
      {member.isPending ? (
        <LoadingSkeleton rows={8} />
      ) : member.isError ? (
        <Failed problem={member.error} title={t("members.notLoaded")} retry={() => void member.refetch()} />
      ) : (
        <>
          <MemberHead member={member.data} />
          <MemberActions member={member.data} />
          {narrow ? (
            <>
              <Select
                className="member-tab"
                aria-label={t("members.tabs")}
                value={tab}
                onChange={(next) => leave(() => onTab(next))}
                options={tabs.map((key) => ({ value: key, label: t(`members.tab.${key}`) }))}
              />
              <TabBody tab={tab} member={member.data} index={index} classes={classes} onDirty={setDirty} />
            </>
          ) : (
            <Tabs
              tabBarGutter={20}
              activeKey={tab}
              onChange={(next) => leave(() => onTab(next as MemberTab))}
              destroyOnHidden
              items={tabs.map((key) => ({
                key,
                label: t(`members.tab.${key}`),
                children: <TabBody tab={key} member={member.data} index={index} classes={classes} onDirty={setDirty} />,
              }))}
            />
          )}
        </>
      )}
    </Drawer>
  );
}

interface TabBodyProps {
  tab: MemberTab;
  member: Member;
  index: DepartmentIndex;
  classes: readonly ServiceClass[];
  onDirty: (dirty: boolean) => void;
}

function TabBody({ tab, member, index, classes, onDirty }: TabBodyProps) {
  switch (tab) {
    case "basic":
      return <BasicTab member={member} classes={classes} onDirty={onDirty} />;
    case "contact":
      return <ContactTab member={member} onDirty={onDirty} />;
    case "departments":
      return <DepartmentsTab member={member} index={index} onDirty={onDirty} />;
    case "aliases":
      return <AliasesTab member={member} />;
    case "security":
      return <SecurityTab member={member} />;
    case "history":
      return <HistoryTab member={member} />;
  }
}

function MemberHead({ member }: { member: Member }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const main = member.departments.find((post) => post.is_main) ?? member.departments[0];
  return (
    <dl className="member-head">
      <div>
        <dt>{t("members.head.node")}</dt>
        <dd>{main === undefined || main.path.length === 0 ? "/" : main.path.join(" / ")}</dd>
      </div>
      <div>
        <dt>{t("members.head.address")}</dt>
        <dd>{member.address ?? t("members.noMailbox")}</dd>
      </div>
      <div>
        <dt>{t("members.head.name")}</dt>
        <dd>{member.name}</dd>
      </div>
      <div>
        <dt>{t("members.head.state")}</dt>
        <dd>
          <StateTag state={member.state} />
        </dd>
      </div>
      <div>
        <dt>{t("members.head.capacity")}</dt>
        <dd>
          {member.mail === null
            ? "—"
            : t("members.head.capacityText", {
                class:
                  member.mail.quota.class_bytes === null
                    ? t("members.unlimited")
                    : formats.size(member.mail.quota.class_bytes),
                extra: formats.size(member.mail.quota.extra_bytes),
                used: formats.used(member.mail.used_bytes),
              })}
        </dd>
      </div>
    </dl>
  );
}
