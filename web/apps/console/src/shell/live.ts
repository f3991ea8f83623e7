import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { keyOf } from "@yanshu/api/query";
import { useEffect } from "react";
import { api } from "../server";
import type { Job } from "../server/types";

/** Which answers a topic makes stale, by the id of the operation they came from. */
const staleBy: Record<string, readonly string[]> = {
  organisation: [api.getOrganisation.id, api.getConsoleSession.id, api.listDepartments.id],
  domains: [api.listDomains.id, api.getDomain.id, api.getOverview.id],
  departments: [api.listDepartments.id, api.getOverview.id],
  members: [api.listMembers.id, api.getMember.id, api.listMemberAliases.id, api.listDepartments.id, api.getOverview.id],
  service_classes: [api.listServiceClasses.id],
  administrators: [api.listAdministrators.id, api.getConsoleSession.id, api.getMember.id],
  imports: [api.listImports.id, api.getImport.id],
  queue: [api.listQueueMessages.id, api.getQueueMessage.id],
};

/** What must be asked anew when `topic` changed; undefined when that is everything. */
export function staleOperations(topic: string): readonly string[] | undefined {
  return staleBy[topic];
}

const breath = 1000;

/** Collects what became stale and asks anew once a second at most, so that a busy import does not make a page ask without end. */
export function makeInvalidator(
  client: Pick<QueryClient, "invalidateQueries">,
  wait: (run: () => void, ms: number) => void = setTimeout,
) {
  const stale = new Set<string>();
  let everything = false;
  let waiting = false;

  function flush() {
    waiting = false;
    if (everything) void client.invalidateQueries();
    else for (const id of stale) void client.invalidateQueries({ queryKey: [id] }, { cancelRefetch: false });
    everything = false;
    stale.clear();
  }

  return (operations: readonly string[] | undefined) => {
    if (operations === undefined) everything = true;
    else for (const id of operations) stale.add(id);
    if (waiting) return;
    waiting = true;
    wait(flush, breath);
  };
}

/** Keeps every page fresh while the console is open: the server says what changed, nothing is asked in vain. */
export function useLiveEvents() {
  const client = useQueryClient();
  useEffect(() => {
    const invalidate = makeInvalidator(client);
    let missed = false;
    const source = new EventSource(api.streamEvents.url());

    source.addEventListener("open", () => {
      // Whatever was said while nobody listened is unknown.
      if (missed) invalidate(undefined);
      missed = false;
    });
    source.addEventListener("error", () => {
      missed = true;
      // The browser gives up when the stream was refused: the session has ended, and asking for it says so.
      if (source.readyState === EventSource.CLOSED)
        void client.invalidateQueries({ queryKey: keyOf(api.getConsoleSession) });
    });
    source.addEventListener("changed", (event) => {
      const { topic } = JSON.parse(event.data) as { topic: string };
      invalidate(staleOperations(topic));
    });
    source.addEventListener("job", (event) => {
      const job = JSON.parse(event.data) as Job;
      client.setQueryData(keyOf(api.getJob, { path: { id: job.id } }), job);
      putJob(client, job);
      if (job.import_id !== null) {
        invalidate([api.getImport.id, ...(isOver(job) ? [api.listImportRows.id, api.listImports.id] : [])]);
      }
      if (isOver(job)) invalidate([api.getOverview.id, api.listAuditEvents.id]);
    });
    return () => source.close();
  }, [client]);
}

export function isOver(job: Pick<Job, "state">): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled";
}

type JobList = { items: Job[]; next: string | null };

function putJob(client: QueryClient, job: Job) {
  client.setQueriesData<JobList>({ queryKey: [api.listJobs.id] }, (before) =>
    before === undefined ? before : { ...before, items: withJob(before.items, job) },
  );
}

/** The list with the job as it is now; a new one comes first. */
export function withJob(jobs: readonly Job[], job: Job): Job[] {
  return jobs.some((one) => one.id === job.id) ? jobs.map((one) => (one.id === job.id ? job : one)) : [job, ...jobs];
}
