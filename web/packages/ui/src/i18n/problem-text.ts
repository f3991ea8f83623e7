import type { TFunction } from "i18next";

/** The part of an API problem that is told to a person. */
export interface ToldProblem {
  code: string;
  params?: Record<string, string>;
}

/** What is wrong, where and what to do, in the person's language. A code without a text is told as the general one. */
export function problemText(t: TFunction, problem: ToldProblem): string {
  return t([`errors.${problem.code}`, "errors.internal_error"], params(problem));
}

// i18next picks plural forms by a number named count.
function params(problem: ToldProblem): Record<string, unknown> {
  const values: Record<string, unknown> = { ...problem.params };
  if (typeof values.count === "string") values.count = Number(values.count);
  return values;
}
