import type { TFunction } from "i18next";
import type { Job } from "../../server/types";

/** What a job does, in the reader's words; a kind without words is shown as it is recorded. */
export function jobName(t: TFunction, job: Pick<Job, "kind">): string {
  return t(`jobKinds.${job.kind.replace(/\./g, "_")}`, { defaultValue: job.kind });
}
