import { SafetyCertificateOutlined } from "@ant-design/icons";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { pages } from "@yanshu/api/query";
import { CopyButton, EmptyState } from "@yanshu/ui";
import { Alert, Button, DatePicker, Drawer, Select } from "antd";
import dayjs from "dayjs";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Told } from "../../parts/Failed";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { useNarrow } from "../../parts/useNarrow";
import { type TableColumn, VirtualTable } from "../../parts/VirtualTable";
import { api } from "../../server";
import type { AuditEvent, AuditReport } from "../../server/types";
import { useSession } from "../../session/session";
import { MemberSelect } from "../members/MemberSelect";
import { AuditChanges } from "./AuditChanges";
import { type AuditSearch, auditQuery } from "./auditSearch";
import { actionText, auditGroups, changedFields, fieldText, targetText } from "./auditTexts";

const route = getRouteApi("/shell/audit");

/** Everything that was changed, by whom and from where; and the proof that nobody changed the log. */
export function AuditPage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const narrow = useNarrow();
  const session = useSession();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [report, setReport] = useState<AuditReport>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const change = (patch: Partial<AuditSearch>) => void navigate({ search: (before) => ({ ...before, ...patch }) });
  const events = useInfiniteQuery({
    ...pages(api.listAuditEvents, { query: { ...auditQuery(search, session.organisation.time_zone), limit: 100 } }),
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => events.data?.pages.flatMap((page) => page.items) ?? [], [events.data]);
  const open = rows.find((row) => row.id === search.event);

  async function verify() {
    setBusy(true);
    setProblem(null);
    setReport(undefined);
    try {
      setReport(await api.verifyAudit());
    } catch (cause) {
      setProblem(cause);
    } finally {
      setBusy(false);
    }
  }

  const columns: Array<TableColumn<AuditEvent>> = [
    { key: "at", title: t("audit.at"), width: 160, cell: (row) => formats.time(row.at) },
    { key: "actor", title: t("audit.actor"), width: 120, grow: true, cell: (row) => actorName(row) },
    { key: "action", title: t("audit.action"), width: 150, grow: true, cell: (row) => actionText(t, row.action) },
    { key: "target", title: t("audit.target"), width: 160, grow: true, cell: (row) => targetText(t, row.target) },
    {
      key: "what",
      title: t("audit.what"),
      width: 240,
      grow: true,
      cell: (row) => <span className="part-quiet">{whatChanged(row)}</span>,
    },
    { key: "ip", title: t("audit.ip"), width: 130, cell: (row) => row.ip ?? "" },
  ];

  function actorName(row: AuditEvent) {
    return row.actor.name || t(`actors.${row.actor.kind}`);
  }

  function whatChanged(row: AuditEvent) {
    return changedFields(row.before as Record<string, unknown> | null, row.after as Record<string, unknown> | null)
      .map((field) => fieldText(t, field.field))
      .join(t("batch.separator"));
  }

  const filtered = Object.keys(search).some((key) => key !== "event");
  return (
    <PageFrame
      fill
      title={t("audit.title")}
      help={t("audit.help")}
      actions={
        <Button icon={<SafetyCertificateOutlined aria-hidden />} loading={busy} onClick={() => void verify()}>
          {t("audit.verify")}
        </Button>
      }
    >
      <Told problem={problem} />
      {report === undefined ? null : (
        <Alert
          closable={{ onClose: () => setReport(undefined) }}
          showIcon
          role="status"
          type={report.first_bad === null ? "success" : "error"}
          title={
            report.first_bad === null
              ? t("audit.sound", { sealed: formats.number(report.sealed) })
              : t("audit.broken", { place: formats.number(report.first_bad.seal_number) })
          }
          description={
            report.first_bad === null
              ? report.unsealed > 0
                ? t("audit.unsealed", { count: report.unsealed, shown: formats.number(report.unsealed) })
                : undefined
              : t("audit.brokenHelp")
          }
        />
      )}
      <search className="tools part-row">
        <Select
          allowClear
          aria-label={t("audit.filterAction")}
          placeholder={t("audit.filterAction")}
          value={search.action}
          onChange={(action: string | undefined) => change({ action })}
          options={auditGroups.map((group) => ({ value: group, label: t(`auditGroups.${group.slice(0, -1)}`) }))}
          style={{ minWidth: 160 }}
        />
        <div style={{ width: 200 }}>
          <MemberSelect
            label={t("audit.filterActor")}
            placeholder={t("audit.filterActor")}
            value={search.actor === undefined ? [] : [{ id: search.actor, name: search.actorName ?? search.actor }]}
            onChange={(members) => change({ actor: members[0]?.id, actorName: members[0]?.name })}
          />
        </div>
        <DatePicker.RangePicker
          aria-label={t("audit.filterTime")}
          allowEmpty={[true, true]}
          value={[
            search.from === undefined ? null : dayjs(search.from),
            search.to === undefined ? null : dayjs(search.to),
          ]}
          onChange={(days) => change({ from: days?.[0]?.format("YYYY-MM-DD"), to: days?.[1]?.format("YYYY-MM-DD") })}
        />
        {filtered ? (
          <Button type="link" onClick={() => void navigate({ search: {} })}>
            {t("members.clearFilters")}
          </Button>
        ) : null}
      </search>
      {events.isError && rows.length === 0 ? (
        <Failed problem={events.error} retry={() => void events.refetch()} />
      ) : (
        <VirtualTable
          label={t("audit.title")}
          rows={rows}
          rowKey={(row) => row.id}
          columns={columns}
          loading={events.isPending}
          more={
            events.hasNextPage
              ? { load: () => void events.fetchNextPage({ cancelRefetch: false }), loading: events.isFetchingNextPage }
              : undefined
          }
          empty={<EmptyState title={t(filtered ? "audit.noneFound" : "audit.none")} />}
          onOpen={(row) => change({ event: row.id })}
          openKey={search.event}
          card={(row) => (
            <>
              <div className="card-top">
                <strong>{actionText(t, row.action)}</strong>
                <span className="part-quiet">{formats.ago(row.at)}</span>
              </div>
              <div>{targetText(t, row.target)}</div>
              <div className="part-quiet">{actorName(row)}</div>
            </>
          )}
        />
      )}
      <Drawer
        open={open !== undefined}
        size={narrow ? "100%" : 520}
        title={open === undefined ? "" : actionText(t, open.action)}
        onClose={() => change({ event: undefined })}
      >
        {open === undefined ? null : (
          <>
            <dl className="part-facts">
              <dt>{t("audit.at")}</dt>
              <dd>{formats.time(open.at)}</dd>
              <dt>{t("audit.actor")}</dt>
              <dd>{actorName(open)}</dd>
              <dt>{t("audit.target")}</dt>
              <dd>
                {targetText(t, open.target)} <span className="part-quiet part-mono">{open.target.id}</span>
              </dd>
              <dt>{t("audit.ip")}</dt>
              <dd>{open.ip ?? "—"}</dd>
              <dt>{t("audit.request")}</dt>
              <dd className="part-row">
                <span className="part-mono">{open.request_id}</span>
                <CopyButton text={open.request_id} label={t("audit.copyRequest")} />
              </dd>
              <dt>{t("audit.seal")}</dt>
              <dd>
                {open.seal_number === null
                  ? t("audit.sealWaiting")
                  : t("audit.sealPlace", { place: formats.number(open.seal_number) })}
              </dd>
            </dl>
            <h2 className="audit-heading">{t("audit.what")}</h2>
            <AuditChanges event={open} />
          </>
        )}
      </Drawer>
    </PageFrame>
  );
}
