import type { Import, ImportRow, ImportSummary } from "../../server/types";

export const rowOutcomes = ["create", "update", "move", "unchanged", "conflict", "error"] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

/** Rows that will change something when the plan is applied. */
export function rowsToApply(summary: ImportSummary): number {
  return summary.create + summary.update + summary.move;
}

/** Rows that wait for somebody to mend them. */
export function rowsToMend(summary: ImportSummary): number {
  return summary.conflict + summary.error;
}

/** The tiles above the table: each outcome with its count, and whether the table can be filtered by it. */
export function tiles(summary: ImportSummary): Array<{ outcome: RowOutcome; count: number; selectable: boolean }> {
  return rowOutcomes.map((outcome) => ({ outcome, count: summary[outcome], selectable: summary[outcome] > 0 }));
}

/** The steps people go through; which one an import stands at follows from its state alone, so it can be left and come back to. */
export type ImportStep = "file" | "plan" | "apply" | "report";

export function stepOf(state: Import["state"]): ImportStep {
  switch (state) {
    case "uploading":
    case "uploaded":
    case "planning":
      return "file";
    case "planned":
    case "cancelled":
    case "failed":
      return "plan";
    case "applying":
      return "apply";
    case "applied":
    case "undoing":
    case "undone":
      return "report";
  }
}

/** True while the server works on the import and the page only watches. */
export function isBusy(state: Import["state"]): boolean {
  return (
    state === "uploading" || state === "uploaded" || state === "planning" || state === "applying" || state === "undoing"
  );
}

/** One cell of the change set: what it shows, what it showed before, and what is wrong with it. */
export interface ChangeCell {
  value: string;
  old: string | undefined;
  errors: ImportRow["errors"];
}

/**
 * The cell of `column` in `row`. A wrong cell shows what stood in the file, since that is what must be mended;
 * any other shows what the member will have.
 */
export function changeCell(row: ImportRow, column: string, columnIndex: number | undefined): ChangeCell {
  const errors = row.errors.filter((error) => error.column === column);
  const inFile = columnIndex === undefined ? "" : (row.cells[columnIndex] ?? "");
  const change = row.changes[column];
  if (errors.length > 0) return { value: inFile, old: undefined, errors };
  const planned = row.values[column];
  const value = change !== undefined ? show(change[1]) : planned === undefined ? inFile : show(planned);
  const old = change === undefined ? undefined : show(change[0]);
  return { value, old: old === value ? undefined : old, errors };
}

export function show(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(show).join("; ");
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(value);
}

/** Errors that speak of a column the file does not have, shown at the row's end. */
export function looseErrors(row: ImportRow, columns: ReadonlySet<string>): ImportRow["errors"] {
  return row.errors.filter((error) => error.column === null || !columns.has(error.column));
}

/** Done and total as a whole percent; never 100 before it is done. */
export function percent(done: number, total: number | null | undefined): number {
  if (total === null || total === undefined || total <= 0) return 0;
  if (done >= total) return 100;
  return Math.min(99, Math.floor((done / total) * 100));
}

/** Seconds left at the pace so far; undefined before there is a pace worth telling. */
export function secondsLeft(
  done: number,
  total: number | null | undefined,
  startedAt: number,
  now: number,
): number | undefined {
  const elapsed = (now - startedAt) / 1000;
  if (total === null || total === undefined || done <= 0 || elapsed < 2 || done >= total) return undefined;
  return Math.ceil(((total - done) * elapsed) / done);
}

/** Columns whose values no two rows may share: a mend in one row can free or block another. */
const identifying = ["member_id", "mobile", "account_name", "mail_prefix", "address", "employee_number"];

/**
 * The mended rows that stay in sight, with the one just mended. Those that its mend may have changed are let go:
 * they come with the list if they meet its filter.
 */
export function keepMended(kept: ReadonlyMap<number, ImportRow>, planned: ImportRow): Map<number, ImportRow> {
  const shares = (row: ImportRow) =>
    identifying.some((column) => Boolean(row.values[column]) && row.values[column] === planned.values[column]);
  const untouched = [...kept].filter(([, row]) => row.errors.length === 0 && !shares(row));
  return new Map(untouched).set(planned.row_number, planned);
}

/** The listed rows and, between them in the file's order, the kept ones that the list no longer has. */
export function withKept(listed: readonly ImportRow[], kept: ReadonlyMap<number, ImportRow>): ImportRow[] {
  const numbers = new Set(listed.map((row) => row.row_number));
  const gone = [...kept.values()].filter((row) => !numbers.has(row.row_number));
  return [...listed, ...gone].sort((a, b) => a.row_number - b.row_number);
}
