import { Form, type FormInstance, type FormItemProps } from "antd";
import type { TFunction } from "i18next";
import { problemText } from "../i18n/problem-text";

/** What every form is made with: labels above, errors only after leaving a field, the first wrong field gets the focus. */
export const formDefaults = {
  layout: "vertical",
  validateTrigger: "onBlur",
  requiredMark: true,
  scrollToFirstError: { focus: true, block: "center" },
} as const;

interface FormFieldProps extends Omit<FormItemProps, "validateTrigger" | "required"> {
  /** The field's name in the API, so that the server's errors land on it. */
  name: string | string[];
  label: string;
  /** One sentence under the field. */
  help?: string;
  /** The sentence told when it is left empty; makes the field required. */
  required?: string | false;
}

/** A labelled field of a form. */
export function FormField({ help, required, rules = [], extra, ...rest }: FormFieldProps) {
  const form = Form.useFormInstance();
  const must = required ? [{ required: true, whitespace: true, message: required }] : [];
  return (
    <Form.Item
      // An error goes as soon as what it spoke of is changed; leaving the field judges anew.
      getValueFromEvent={(...event) => {
        if (form.getFieldError(rest.name).length > 0) form.setFields([{ name: rest.name, errors: [] }]);
        return changedValue(event, rest.valuePropName);
      }}
      {...rest}
      extra={extra ?? help}
      validateTrigger="onBlur"
      validateFirst
      required={Boolean(required)}
      rules={[...must, ...rules]}
    />
  );
}

// As the design system reads it: from an event's target, or the value itself.
function changedValue([event]: unknown[], property = "value"): unknown {
  const target = typeof event === "object" && event !== null && "target" in event ? event.target : null;
  return typeof target === "object" && target !== null && property in target
    ? (target as Record<string, unknown>)[property]
    : event;
}

interface FieldsProblem {
  fields: { field: string; code: string; params: Record<string, string> }[];
}

/**
 * Puts the server's field errors on the fields of the form. Gives back whether every error found its field:
 * what did not is to be shown above the form.
 */
export function placeFieldErrors(form: FormInstance, problem: FieldsProblem, t: TFunction): boolean {
  if (problem.fields.length === 0) return false;
  const known = new Set(form.getFieldsError().map(({ name }) => name.join(".")));
  const errors = new Map<string, string[]>();
  for (const fault of problem.fields) {
    if (!known.has(fault.field)) continue;
    errors.set(fault.field, [...(errors.get(fault.field) ?? []), problemText(t, fault)]);
  }
  form.setFields([...errors].map(([field, texts]) => ({ name: field.split("."), errors: texts })));
  const [first] = errors.keys();
  if (first !== undefined) form.scrollToField(first.split("."), { focus: true, block: "center" });
  return problem.fields.every((fault) => known.has(fault.field));
}
