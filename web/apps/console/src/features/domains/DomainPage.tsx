import { ReloadOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { asProblem } from "@yanshu/api";
import { keyOf, q } from "@yanshu/api/query";
import { ConfirmDanger, CopyButton, LoadingSkeleton } from "@yanshu/ui";
import { Alert, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { paths } from "../../paths";
import { api } from "../../server";
import type { DnsRecord, Domain } from "../../server/types";
import { DomainTag } from "./DomainTag";
import "./domains.css";

const route = getRouteApi("/shell/domains/$domainId");

/** One domain: whether it can be used, and the records to enter at the registrar. */
export function DomainPage() {
  const { t } = useTranslation();
  const { domainId } = route.useParams();
  const domain = useQuery(q(api.getDomain, { path: { id: domainId } }));
  const trail = <Link to={paths.domains}>{t("domains.title")}</Link>;
  if (domain.data === undefined) {
    return (
      <PageFrame narrow title={t("columns.domain")} trail={trail}>
        {domain.isError ? (
          <Failed problem={domain.error} retry={() => void domain.refetch()} />
        ) : (
          <LoadingSkeleton rows={6} />
        )}
      </PageFrame>
    );
  }
  return <Details domain={domain.data} trail={trail} />;
}

function Details({ domain, trail }: { domain: Domain; trail: React.ReactNode }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [busy, setBusy] = useState<string>();
  const [removing, setRemoving] = useState(false);
  const [problem, setProblem] = useState<ReturnType<typeof asProblem> | null>(null);
  const path = { id: domain.id };

  async function run(what: string, call: () => Promise<Domain>) {
    setBusy(what);
    try {
      const answer = await call();
      client.setQueryData(keyOf(api.getDomain, { path }), answer);
      await client.invalidateQueries({ queryKey: [api.listDomains.id] });
      if (what === "default") notices.done(t("domains.madeDefault", { name: domain.display_name }));
      else if (answer.state === "waiting") notices.waits(t("domains.stillWaiting", { name: domain.display_name }));
      else notices.done(t("domains.verifiedNow", { name: domain.display_name }));
    } catch (cause) {
      notices.failed(cause);
    } finally {
      setBusy(undefined);
    }
  }

  async function remove() {
    setBusy("remove");
    setProblem(null);
    try {
      await api.removeDomain({ path });
      await client.invalidateQueries({ queryKey: [api.listDomains.id] });
      notices.done(t("domains.removed", { name: domain.display_name }));
      await navigate({ to: paths.domains });
    } catch (cause) {
      setProblem(asProblem(cause));
      setBusy(undefined);
    }
  }

  return (
    <PageFrame
      narrow
      title={domain.display_name}
      trail={trail}
      help={
        <span className="part-row">
          <DomainTag state={domain.state} />
          {domain.is_default ? <Tag>{t("domains.default")}</Tag> : null}
          {domain.last_checked_at === null
            ? t("domains.neverChecked")
            : t("domains.checked", { time: formats.time(domain.last_checked_at) })}
        </span>
      }
      actions={
        <>
          <GuardedButton
            needs="manage_domains"
            danger
            reason={domain.owned ? undefined : t("domains.notOwned")}
            onClick={() => {
              setProblem(null);
              setRemoving(true);
            }}
          >
            {t("domains.remove")}
          </GuardedButton>
          <GuardedButton
            needs="manage_domains"
            loading={busy === "default"}
            reason={
              domain.is_default
                ? t("domains.alreadyDefault")
                : domain.state === "waiting"
                  ? t("domains.verifyFirst")
                  : undefined
            }
            onClick={() => void run("default", () => api.makeDomainDefault({ path }))}
          >
            {t("domains.makeDefault")}
          </GuardedButton>
          <GuardedButton
            needs="manage_domains"
            type={domain.state === "waiting" ? "primary" : "default"}
            icon={<ReloadOutlined aria-hidden />}
            loading={busy === "check"}
            reason={domain.owned ? undefined : t("domains.notOwned")}
            onClick={() => void run("check", () => api.checkDomain({ path }))}
          >
            {t("domains.check")}
          </GuardedButton>
        </>
      }
    >
      {domain.state === "waiting" ? (
        <Alert type="warning" showIcon title={t("domains.waiting")} description={t("domains.waitingHelp")} />
      ) : domain.state === "assumed" ? (
        <Alert type="info" showIcon title={t("domains.assumedHelp")} />
      ) : null}
      {domain.dns_records.length === 0 ? null : (
        <section className="part-section" aria-labelledby="dns-records">
          <h2 id="dns-records">{t("domains.records")}</h2>
          <p className="part-quiet">{t("domains.recordsHelp")}</p>
          <ul className="part-list">
            {domain.dns_records.map((record) => (
              <Record key={`${record.kind} ${record.name} ${record.value}`} record={record} />
            ))}
          </ul>
        </section>
      )}
      <ConfirmDanger
        open={removing}
        title={t("domains.removeTitle", { name: domain.display_name })}
        action={t("domains.remove")}
        typeToConfirm={domain.name}
        pending={busy === "remove"}
        problem={problem}
        onConfirm={() => void remove()}
        onCancel={() => setRemoving(false)}
      >
        {t("domains.removeHelp")}
      </ConfirmDanger>
    </PageFrame>
  );
}

function Record({ record }: { record: DnsRecord }) {
  const { t } = useTranslation();
  const parts = [
    { key: "name", text: record.name },
    { key: "value", text: record.value },
    ...(record.priority === null ? [] : [{ key: "priority", text: String(record.priority) }]),
  ];
  return (
    <li className="dns">
      <Tag>{record.kind}</Tag>
      <dl>
        {parts.map((part) => (
          <div key={part.key}>
            <dt>{t(`domains.record.${part.key}`)}</dt>
            <dd>
              <span className="part-mono">{part.text}</span>
              <CopyButton
                text={part.text}
                label={t("domains.copy", { kind: record.kind, part: t(`domains.record.${part.key}`) })}
              />
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}
