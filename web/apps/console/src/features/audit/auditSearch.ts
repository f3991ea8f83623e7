import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";
import { auditGroups } from "./auditTexts";

dayjs.extend(utc);
dayjs.extend(timezone);

/** What the audit log shows, as it stands in the address bar. */
export interface AuditSearch {
  action?: string;
  actor?: string;
  /** The actor's name, so that the filter can be shown before anybody is looked up. */
  actorName?: string;
  from?: string;
  to?: string;
  event?: string;
}

const day = /^\d{4}-\d{2}-\d{2}$/;

export function readAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const text = (key: string) =>
    typeof raw[key] === "string" && raw[key] !== "" ? (raw[key] as string).slice(0, 128) : undefined;
  const search: AuditSearch = {
    action: auditGroups.find((group) => group === raw.action),
    actor: text("actor"),
    actorName: text("actorName"),
    from: day.test(String(raw.from)) ? String(raw.from) : undefined,
    to: day.test(String(raw.to)) ? String(raw.to) : undefined,
    event: text("event"),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as AuditSearch;
}

/** The question to the server: whole days in the organisation's time zone, the last one included. */
export function auditQuery(search: AuditSearch, zone: string) {
  return {
    action: search.action,
    actor: search.actor,
    from: search.from === undefined ? undefined : dayjs.tz(search.from, zone).toISOString(),
    to: search.to === undefined ? undefined : dayjs.tz(search.to, zone).add(1, "day").toISOString(),
  };
}
