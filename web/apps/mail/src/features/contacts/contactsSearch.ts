/** What the address of the directory says: the department that is shown, or what is searched for. */
export interface ContactsSearch {
  department?: string;
  q?: string;
}

export function validateContactsSearch(search: Record<string, unknown>): ContactsSearch {
  const text = (value: unknown, longest: number) =>
    typeof value === "string" || typeof value === "number" ? String(value).slice(0, longest) : "";
  const department = text(search.department, 40);
  const q = text(search.q, 128);
  return { ...(department === "" ? {} : { department }), ...(q.trim() === "" ? {} : { q }) };
}
