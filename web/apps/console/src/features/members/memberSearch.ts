import { type MemberState, memberStates } from "../../server/types";

export const memberSorts = [
  "manual",
  "name",
  "account_name",
  "employee_number",
  "created_at",
  "last_sign_in_at",
] as const;
export type MemberSort = (typeof memberSorts)[number];

export const memberTabs = ["basic", "contact", "departments", "aliases", "security", "history"] as const;
export type MemberTab = (typeof memberTabs)[number];

/** Which columns the member table can show, in the order it shows them. */
export const memberColumns = [
  "name",
  "account_name",
  "position",
  "department",
  "mobile",
  "address",
  "employee_number",
  "state",
  "account_kind",
  "service_class",
  "created_at",
  "expires_on",
  "last_sign_in_at",
] as const;
export type MemberColumn = (typeof memberColumns)[number];

export const defaultMemberColumns: readonly MemberColumn[] = [
  "name",
  "account_name",
  "position",
  "mobile",
  "state",
  "last_sign_in_at",
];

/** Everything the members page shows, as it stands in the address bar. A link reproduces the screen. */
export interface MemberSearch {
  department?: string;
  /** Only those directly in the department, without the departments below it. */
  direct?: true;
  q?: string;
  state?: MemberState;
  class?: string;
  kind?: "enterprise" | "personal";
  incomplete?: true;
  mobile?: "yes" | "no";
  from?: string;
  to?: string;
  expires?: string;
  sort?: MemberSort;
  desc?: true;
  columns?: string;
  member?: string;
  tab?: MemberTab;
}

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === value);
}

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, 200) : undefined;
}

function flag(value: unknown): true | undefined {
  return value === true || value === "true" ? true : undefined;
}

function day(value: unknown): string | undefined {
  return typeof value === "string" && datePattern.test(value) ? value : undefined;
}

/** Reads what somebody typed, kept or was sent; anything unknown is left out instead of breaking the page. */
export function readMemberSearch(raw: Record<string, unknown>): MemberSearch {
  const search: MemberSearch = {
    department: text(raw.department),
    direct: flag(raw.direct),
    q: text(raw.q),
    state: oneOf(raw.state, memberStates),
    class: text(raw.class),
    kind: oneOf(raw.kind, ["enterprise", "personal"] as const),
    incomplete: flag(raw.incomplete),
    mobile: oneOf(raw.mobile, ["yes", "no"] as const),
    from: day(raw.from),
    to: day(raw.to),
    expires: day(raw.expires),
    sort: oneOf(raw.sort, memberSorts),
    desc: flag(raw.desc),
    columns: text(raw.columns),
    member: text(raw.member),
    tab: oneOf(raw.tab, memberTabs),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as MemberSearch;
}

/** The filter the server understands, from the address bar. The same one says which members a batch action means. */
export function memberFilter(search: MemberSearch) {
  return {
    department_id: search.department,
    include_subdepartments: search.department === undefined ? undefined : search.direct !== true,
    search: search.q,
    state: search.state,
    service_class_id: search.class,
    account_kind: search.kind,
    incomplete: search.incomplete,
    has_mobile: search.mobile === undefined ? undefined : search.mobile === "yes",
    created_from: search.from,
    created_to: search.to,
    expires_before: search.expires,
  };
}

/** How many filters besides department and quick search are set: the number on the filter button. */
export function countFilters(search: MemberSearch): number {
  const keys = ["state", "class", "kind", "incomplete", "mobile", "from", "to", "expires"] as const;
  return keys.filter((key) => search[key] !== undefined).length;
}

export function withoutFilters(search: MemberSearch): MemberSearch {
  const {
    state: _state,
    class: _class,
    kind: _kind,
    incomplete: _incomplete,
    mobile: _mobile,
    from: _from,
    to: _to,
    expires: _expires,
    ...rest
  } = search;
  return rest;
}

/** The columns to show; the name is always among them. */
export function shownColumns(search: MemberSearch): MemberColumn[] {
  if (search.columns === undefined) return [...defaultMemberColumns];
  const wanted = new Set(search.columns.split(","));
  return memberColumns.filter((column) => column === "name" || wanted.has(column));
}

/** The columns as the address bar keeps them: nothing when they are the usual ones. */
export function columnsParam(columns: readonly MemberColumn[]): string | undefined {
  const ordered = memberColumns.filter((column) => column === "name" || columns.includes(column));
  const usual =
    ordered.length === defaultMemberColumns.length && ordered.every((column) => defaultMemberColumns.includes(column));
  return usual ? undefined : ordered.join(",");
}
