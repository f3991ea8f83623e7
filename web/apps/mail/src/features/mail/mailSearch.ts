/** What the address of a list says besides its folder. */
export interface MailSearch {
  /** What is searched for. */
  q?: string;
  /** In all folders, not in this one. */
  all?: true;
  show?: "unread" | "starred";
  /** The mail of the thread that was chosen, where lists show mails one by one. */
  m?: string;
}

export function validateMailSearch(search: Record<string, unknown>): MailSearch {
  const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");
  const q = text(search.q).slice(0, 200);
  const m = text(search.m).slice(0, 40);
  return {
    ...(q.trim() === "" ? {} : { q }),
    ...(search.all === true || search.all === 1 || search.all === "1" ? { all: true as const } : {}),
    ...(search.show === "unread" || search.show === "starred" ? { show: search.show } : {}),
    ...(m === "" ? {} : { m }),
  };
}
