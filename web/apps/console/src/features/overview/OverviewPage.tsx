import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@yanshu/api/query";
import { LoadingSkeleton } from "@yanshu/ui";
import { Button } from "antd";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { PageFrame } from "../../parts/PageFrame";
import { StateTag } from "../../parts/StateTag";
import { useFormats } from "../../parts/useFormats";
import { membersLink, paths } from "../../paths";
import { api } from "../../server";
import { memberStates, type Overview } from "../../server/types";
import { useMay, useSession } from "../../session/session";
import { actionText, targetText } from "../audit/auditTexts";
import { JobItem } from "../jobs/JobsTray";
import "./overview.css";

/** What waits for the administrator, how many members there are, and what happened last. */
export function OverviewPage() {
  const { t } = useTranslation();
  const { organisation } = useSession();
  const overview = useQuery(q(api.getOverview));
  return (
    <PageFrame title={t("menu.overview")} help={`${organisation.name} · ${organisation.code}`}>
      {overview.isPending ? (
        <LoadingSkeleton rows={8} />
      ) : overview.isError ? (
        <Failed problem={overview.error} retry={() => void overview.refetch()} />
      ) : (
        <div className="overview">
          {isNew(overview.data) ? <FirstSteps overview={overview.data} /> : null}
          <div className="overview-stack">
            {isNew(overview.data) ? null : <Waiting overview={overview.data} />}
            <Jobs overview={overview.data} />
            <Latest overview={overview.data} />
          </div>
          <div className="overview-stack">
            <Members overview={overview.data} />
          </div>
        </div>
      )}
    </PageFrame>
  );
}

function isNew(overview: Overview): boolean {
  return overview.departments === 0 || overview.member_counts.total <= 1;
}

function Section({ id, title, children, wide }: { id: string; title: string; children: ReactNode; wide?: boolean }) {
  return (
    <section className={`part-section${wide === true ? " overview-wide" : ""}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

/** What to do first in an organisation that has just been set up; done steps are ticked. */
function FirstSteps({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const may = useMay();
  const steps = [
    {
      key: "domain",
      done: overview.domains > 0 && overview.domains_waiting === 0,
      needs: "manage_domains",
      to: paths.domains,
    },
    { key: "departments", done: overview.departments > 0, needs: "manage_departments", to: paths.members },
    { key: "import", done: overview.member_counts.total > 1, needs: "import_members", to: paths.newImport },
  ] as const;
  const first = steps.find((step) => !step.done)?.key;
  return (
    <Section id="first-steps" title={t("overview.first")} wide>
      <ol className="steps">
        {steps.map((step, at) => (
          <li key={step.key} className={step.done ? "steps-done" : undefined}>
            <span className="steps-mark" aria-hidden>
              {step.done ? "✓" : at + 1}
            </span>
            <div>
              <strong>
                {t(`overview.step.${step.key}`)}
                {step.done ? <span className="yanshu-hidden">{t("overview.stepDone")}</span> : null}
              </strong>
              <p className="part-quiet">{t(`overview.stepHelp.${step.key}`)}</p>
            </div>
            {step.done || !may(step.needs) ? null : (
              <Link to={step.to}>
                <Button type={step.key === first ? "primary" : "default"} tabIndex={-1}>
                  {t(`overview.stepAction.${step.key}`)}
                </Button>
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What somebody should look at, each with the way there. */
function Waiting({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const may = useMay();
  const items = [
    {
      key: "incomplete",
      count: overview.incomplete_profiles,
      link: <Link {...membersLink({ incomplete: true })}>{t("overview.show")}</Link>,
    },
    {
      key: "pending",
      count: overview.member_counts.pending,
      link: <Link {...membersLink({ state: "pending" })}>{t("overview.show")}</Link>,
    },
    {
      key: "expiring",
      count: overview.expiring_soon,
      link: (
        <Link {...membersLink({ expires: dayjs().add(31, "day").format("YYYY-MM-DD") })}>{t("overview.show")}</Link>
      ),
    },
    {
      key: "domains",
      count: overview.domains_waiting,
      link: may("manage_domains") ? <Link to={paths.domains}>{t("overview.show")}</Link> : null,
    },
  ].filter((item) => item.count > 0);
  return (
    <Section id="waiting" title={t("overview.waiting")}>
      {items.length === 0 ? (
        <p className="part-quiet">{t("overview.nothingWaits")}</p>
      ) : (
        <ul className="part-list">
          {items.map((item) => (
            <li key={item.key} className="part-row">
              <span style={{ flex: 1 }}>
                {t(`overview.wait.${item.key}`, { count: item.count, shown: formats.number(item.count) })}
              </span>
              {item.link}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Members({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { member_counts: counts, member_limit: limit } = overview;
  return (
    <Section id="members" title={t("overview.members")}>
      <p className="overview-total">
        <Link {...membersLink({})}>{formats.number(counts.total)}</Link>
        <span className="part-quiet">
          {limit === null
            ? t("overview.people", { count: counts.total })
            : t("overview.ofLimit", { limit: formats.number(limit) })}
          {" · "}
          {t("overview.departments", { count: overview.departments, shown: formats.number(overview.departments) })}
        </span>
      </p>
      <ul className="part-list">
        {memberStates
          .filter((state) => counts[state] > 0)
          .map((state) => (
            <li key={state} className="part-row">
              <span style={{ flex: 1 }}>
                <StateTag state={state} />
              </span>
              <Link
                {...membersLink({ state })}
                aria-label={`${t(`memberStates.${state}`)} ${formats.number(counts[state])}`}
              >
                {formats.number(counts[state])}
              </Link>
            </li>
          ))}
      </ul>
    </Section>
  );
}

function Jobs({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const may = useMay();
  if (!may("view_jobs") || overview.recent_jobs.length === 0) return null;
  return (
    <Section id="jobs" title={t("overview.jobs")}>
      <ul className="part-list">
        {overview.recent_jobs.map((job) => (
          <JobItem key={job.id} job={job} />
        ))}
      </ul>
    </Section>
  );
}

function Latest({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const may = useMay();
  if (!may("view_audit")) return null;
  return (
    <Section id="latest" title={t("overview.latest")}>
      {overview.recent_audit.length === 0 ? (
        <p className="part-quiet">{t("overview.noAudit")}</p>
      ) : (
        <>
          <ul className="part-list">
            {overview.recent_audit.map((event) => (
              <li key={event.id}>
                <div className="part-row">
                  <span style={{ flex: 1 }}>
                    {actionText(t, event.action)} <strong>{targetText(t, event.target)}</strong>
                  </span>
                  <span className="part-quiet">{formats.ago(event.at)}</span>
                </div>
                <span className="part-quiet">{event.actor.name || t(`actors.${event.actor.kind}`)}</span>
              </li>
            ))}
          </ul>
          <p className="overview-all">
            <Link to={paths.audit}>{t("overview.allAudit")}</Link>
          </p>
        </>
      )}
    </Section>
  );
}
