import type { TFunction } from "i18next";

/** What was done, in the reader's words; an action without words is shown as it is recorded. */
export function actionText(t: TFunction, action: string): string {
  return t(`auditActions.${action.replace(/\./g, "_")}`, { defaultValue: action });
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

/** The actions the filter offers, by what they are done to. */
export const auditGroups = [
  "member.",
  "department.",
  "organisation.",
  "domain.",
  "service_class.",
  "administrator.",
  "import.",
  "export.",
  "session.",
] as const;
