import type { TFunction } from "i18next";
import { currentLanguage } from "./setup";

/** The part of an API problem that is told to a person. */
export interface ToldProblem {
  code: string;
  params?: Record<string, string>;
}

/**
 * What is wrong, where and what to do, in the person's language. A code may have a fuller text for when a parameter is known
 * (`mobile_taken@holder`): whose number it is may not be everybody's to know. A code without a text is told as the general one.
 */
export function problemText(t: TFunction, problem: ToldProblem): string {
  const { code, params = {} } = problem;
  const fuller = Object.keys(params).map((name) => `errors.${code}@${name}`);
  return t([...fuller, `errors.${code}`, "errors.internal_error"], valuesOf(params));
}

function valuesOf(params: Record<string, string>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...params };
  // i18next picks plural forms by a number named count.
  if (typeof params.count === "string") values.count = Number(params.count);
  if (params.retry_after_secs !== undefined) values.wait = waitText(Number(params.retry_after_secs));
  return values;
}

function waitText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const [value, unit] =
    seconds <= 90 ? [seconds, "second"] : minutes <= 90 ? [minutes, "minute"] : [Math.ceil(minutes / 60), "hour"];
  return new Intl.NumberFormat(currentLanguage(), { style: "unit", unit, unitDisplay: "long" }).format(value);
}
