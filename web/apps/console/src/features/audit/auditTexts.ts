import type { TFunction } from "i18next";

/** What was done, in the reader's words; an action without words is shown as it is recorded. */
export function actionText(t: TFunction, action: string): string {
  return t(`auditActions.${action.replace(/\./g, "_")}`, { defaultValue: action });
}

/** What it was done to: the name it had, or what the job does for jobs, which have none. */
export function targetText(t: TFunction, target: { kind: string; name: string }): string {
  return t(`jobKinds.${target.name.replace(/\./g, "_")}`, { defaultValue: target.name });
}

/** A changed field's name; the import columns' names serve for members. */
export function fieldText(t: TFunction, field: string): string {
  return t([`auditFields.${field}`, `columns.${field}`], { defaultValue: field });
}

/** The fields of a change with what they were and what they are, those that differ only. */
export function changedFields(
  before: Record<string, unknown> | null,
  after: Record<string, unknown> | null,
): Array<{ field: string; before: unknown; after: unknown }> {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .map((field) => ({ field, before: before?.[field] ?? null, after: after?.[field] ?? null }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

/** A recorded value in the reader's words: yes and no, sizes in units, places as department and position. */
export function valueText(t: TFunction, field: string, value: unknown, size: (bytes: number) => string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return t(value ? "audit.yes" : "audit.no");
  if (typeof value === "number") return field.endsWith("_bytes") ? size(value) : String(value);
  if (typeof value === "string") return wordOf(t, field, value);
  if (Array.isArray(value)) return value.map((one) => valueText(t, field, one, size)).join(t("batch.separator"));
  const object = value as Record<string, unknown>;
  if (typeof object.name === "string") {
    return [object.name, object.position, object.rank]
      .filter((part) => typeof part === "string" && part !== "")
      .join(" ");
  }
  return Object.entries(object)
    .map(([key, inner]) => `${fieldText(t, key)}: ${valueText(t, key, inner, size)}`)
    .join(t("batch.separator"));
}

// Words that the API knows and people do not.
function wordOf(t: TFunction, field: string, value: string): string {
  const table = { gender: "genders", role: "roles", state: "memberStates", account_kind: "accountKinds" }[field];
  return table === undefined ? value : t(`${table}.${value}`, { defaultValue: value });
}

/** The actions the filter offers, by what they are done to. */
export const auditGroups = [
  "member.",
  "department.",
  "organisation.",
  "domain.",
  "queue_message.",
  "service_class.",
  "administrator.",
  "import.",
  "export.",
  "session.",
] as const;
