/** Every column an export can have, in the order it is offered. */
export const exportFields = [
  "name",
  "gender",
  "mobile",
  "office_phone",
  "position",
  "address",
  "department",
  "state",
  "account_name",
  "employee_number",
  "member_id",
  "nickname",
  "birthday",
  "home_phone",
  "alternate_address",
  "join_date",
  "expires_on",
  "service_class",
  "supervisor",
  "rank",
  "office_location",
  "visible_in_directory",
  "remarks",
  "created_at",
] as const;

/** The ones ticked to begin with: what a completeness check asks for. */
export const usualExportFields: readonly string[] = exportFields.slice(0, 8);

/** The order with the field at `at` moved by one place; unchanged at the ends. */
export function moveField(order: readonly string[], at: number, by: -1 | 1): string[] {
  const moved = [...order];
  const field = moved[at];
  const other = moved[at + by];
  if (field === undefined || other === undefined) return moved;
  moved[at] = other;
  moved[at + by] = field;
  return moved;
}
