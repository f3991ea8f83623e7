import type { FormInstance } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { placeFieldErrors } from "./FormField";

/** A refused submission, as API problems are. */
export interface SubmitProblem {
  code: string;
  params: Record<string, string>;
  fields: { field: string; code: string; params: Record<string, string> }[];
  requestId: string | null;
  status?: number;
}

/**
 * Sends a form once at a time. Errors of fields land on their fields; anything else is `problem`, to be shown above the form.
 */
export function useSubmit<V>(form: FormInstance, send: (values: V) => Promise<void>) {
  const { t } = useTranslation();
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<SubmitProblem | null>(null);

  const submit = async (values: V) => {
    if (pending) return;
    setPending(true);
    setProblem(null);
    // What the server said last time is judged anew.
    form.setFields(form.getFieldsError().map(({ name }) => ({ name, errors: [] })));
    try {
      await send(values);
    } catch (cause) {
      const told = asSubmitProblem(cause);
      if (!placeFieldErrors(form, told, t)) setProblem(told);
    } finally {
      setPending(false);
    }
  };
  return { submit, pending, problem, clearProblem: () => setProblem(null) };
}

function asSubmitProblem(cause: unknown): SubmitProblem {
  if (cause instanceof Error && "code" in cause && "fields" in cause) return cause as unknown as SubmitProblem;
  return { code: "internal_error", params: {}, fields: [], requestId: null };
}
