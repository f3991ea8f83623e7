import { LoadingOutlined, UnorderedListOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@yanshu/api/query";
import { problemText } from "@yanshu/ui";
import { Button, Popover, Progress } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "../../parts/Panel";
import { saveFile } from "../../parts/saveFile";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { paths } from "../../paths";
import { api } from "../../server";
import type { Job } from "../../server/types";
import { isOver } from "../../shell/live";
import { percent } from "../imports/changeSet";
import { jobName } from "./jobTexts";
import "./jobs.css";

/** What is being worked on, in sight as long as something runs. The server tells about progress. */
export function JobsTray() {
  const { t } = useTranslation();
  const notices = useNotices();
  const jobs = useQuery(q(api.listJobs, { query: { limit: 20 } })).data?.items ?? [];
  const [open, setOpen] = useState(false);
  const running = jobs.filter((job) => !isOver(job));
  const seenRunning = useRef(new Set<string>());

  // A job that ends while the reader is elsewhere says so once.
  useEffect(() => {
    for (const job of jobs) {
      if (!isOver(job)) seenRunning.current.add(job.id);
      else if (seenRunning.current.delete(job.id) && job.state !== "cancelled") {
        if (job.state === "done") notices.done(t("jobs.ended", { job: jobName(t, job) }));
        else notices.failed({ code: job.error_code ?? "internal_error", params: job.error_params });
      }
    }
  }, [jobs, notices, t]);

  if (jobs.length === 0) return null;
  const first = running[0];
  const label =
    first === undefined
      ? t("jobs.title")
      : running.length === 1
        ? `${jobName(t, first)} ${first.progress_total === null ? "" : `${percent(first.progress_done, first.progress_total)}%`}`
        : t("jobs.running", { count: running.length });
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={setOpen}
      content={
        <Panel title={t("jobs.title")}>
          <ul className="part-list jobs" aria-label={t("jobs.title")}>
            {jobs.slice(0, 10).map((job) => (
              <JobItem key={job.id} job={job} onLeave={() => setOpen(false)} />
            ))}
          </ul>
        </Panel>
      }
    >
      <Button
        type="text"
        icon={first === undefined ? <UnorderedListOutlined aria-hidden /> : <LoadingOutlined aria-hidden />}
        aria-label={t("jobs.open", { label })}
      >
        <span className="jobs-label">{label}</span>
      </Button>
    </Popover>
  );
}

/** One job: how far it is, how it ended, and where to look. */
export function JobItem({ job, onLeave }: { job: Job; onLeave?: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const over = isOver(job);
  const title = jobName(t, job);

  async function download() {
    try {
      saveFile(await api.getExportFile({ path: { job_id: job.id } }), `${t("exports.fileName")}.${fileEnding(job)}`);
    } catch (cause) {
      notices.failed(cause);
    }
  }

  return (
    <li>
      <div className="part-row">
        <span style={{ flex: 1 }}>
          {job.import_id === null ? (
            title
          ) : (
            <Link to={paths.import} params={{ importId: job.import_id }} onClick={onLeave}>
              {title}
            </Link>
          )}
        </span>
        <span className="part-quiet">{over ? formats.ago(job.finished_at) : t(`jobStates.${job.state}`)}</span>
      </div>
      {over ? (
        <div className={job.state === "failed" ? "jobs-failed" : "part-quiet"}>
          {job.state === "failed"
            ? problemText(t, { code: job.error_code ?? "internal_error", params: job.error_params })
            : t(`jobStates.${job.state}`)}
          {job.state === "done" && job.kind === "export.members" ? (
            <Button type="link" size="small" onClick={() => void download()}>
              {t("exports.download")}
            </Button>
          ) : null}
        </div>
      ) : (
        <div className="part-row">
          <Progress
            percent={percent(job.progress_done, job.progress_total)}
            size="small"
            status="active"
            aria-label={title}
            style={{ flex: 1, margin: 0 }}
          />
          <Button
            size="small"
            disabled={job.cancel_requested}
            onClick={() =>
              void api.cancelJob({ path: { id: job.id } }).catch((cause: unknown) => notices.failed(cause))
            }
          >
            {t(job.cancel_requested ? "jobs.stopping" : "jobs.cancel")}
          </Button>
        </div>
      )}
    </li>
  );
}

function fileEnding(job: Job): string {
  const { result } = job;
  return result !== null && "format" in result && result.format === "csv" ? "csv" : "xlsx";
}
