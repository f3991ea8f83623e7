import { useQuery } from "@tanstack/react-query";
import { q } from "@yanshu/api/query";
import { Progress } from "antd";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../parts/useFormats";
import { api } from "../../server";
import type { Import } from "../../server/types";
import { isBusy, percent, secondsLeft } from "./changeSet";

/** How far the work on an import has come. It goes on when the page is left. */
export function ImportProgress({ current }: { current: Import }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const busy = isBusy(current.state);
  const job = useQuery({
    ...q(api.getJob, { path: { id: current.job_id ?? "" } }),
    enabled: busy && current.job_id !== null,
  }).data;
  if (!busy) return null;
  const done = job?.progress_done ?? 0;
  const total = job?.progress_total;
  const left =
    job?.started_at === null || job?.started_at === undefined
      ? undefined
      : secondsLeft(done, total, new Date(job.started_at).getTime(), Date.now());
  const phase = current.state === "uploading" || current.state === "uploaded" ? "planning" : current.state;
  return (
    <section className="part-section" aria-label={t(`importProgress.${phase}`)}>
      <strong>{t(`importProgress.${phase}`)}</strong>
      <Progress percent={percent(done, total)} status="active" aria-label={t(`importProgress.${phase}`)} />
      <p role="status" className="part-quiet import-counts">
        {total === null || total === undefined
          ? t("importProgress.counted", { shown: formats.number(done) })
          : t("importProgress.of", { done: formats.number(done), total: formats.number(total) })}
        {left === undefined
          ? null
          : ` · ${left < 90 ? t("importProgress.seconds", { count: left }) : t("importProgress.minutes", { count: Math.round(left / 60) })}`}
      </p>
      <p className="part-quiet import-counts">{t("importProgress.leave")}</p>
    </section>
  );
}
