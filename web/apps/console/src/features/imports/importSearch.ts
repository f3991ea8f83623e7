import { type RowOutcome, rowOutcomes } from "./changeSet";

const results = ["applied", "failed", "skipped", "undone", "kept"] as const;

/** Which rows of an import are shown, as it stands in the address bar. */
export interface ImportSearch {
  outcome?: RowOutcome;
  result?: (typeof results)[number];
}

export function readImportSearch(raw: Record<string, unknown>): ImportSearch {
  const outcome = rowOutcomes.find((one) => one === raw.outcome);
  const result = results.find((one) => one === raw.result);
  return { ...(outcome === undefined ? {} : { outcome }), ...(result === undefined ? {} : { result }) };
}
