import { asProblem } from "@yanshu/api";
import { placeFieldErrors, useUnsavedGuard } from "@yanshu/ui";
import { Form } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { Member, MemberPatch } from "../../server/types";
import { useMemberChanged } from "./useMemberChanged";

type Values = Record<string, unknown>;

/**
 * A tab that edits some of a member's fields. Only what was changed is sent, so that two people at work on different fields do not
 * undo each other; a change can be taken back.
 */
export function useMemberForm(
  member: Member,
  initial: Values,
  toPatch: (changed: Values) => MemberPatch,
  onDirty: (dirty: boolean) => void,
) {
  const { t } = useTranslation();
  const notices = useNotices();
  const changed = useMemberChanged();
  const [form] = Form.useForm<Values>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [dirty, setDirty] = useState(false);
  useUnsavedGuard(dirty);

  const mark = (next: boolean) => {
    setDirty(next);
    onDirty(next);
  };

  async function save(values: Values) {
    const touched = Object.fromEntries(Object.entries(values).filter(([key, value]) => !same(value, initial[key])));
    if (Object.keys(touched).length === 0) {
      mark(false);
      return;
    }
    const before = Object.fromEntries(Object.keys(touched).map((key) => [key, initial[key]]));
    setBusy(true);
    setProblem(null);
    try {
      const path = { id: member.id };
      changed(await api.updateMember({ path, body: toPatch(touched) }));
      mark(false);
      notices.undoable(t("members.saved", { name: member.name }), async () => {
        changed(await api.updateMember({ path, body: toPatch(before) }));
        form.setFieldsValue(before);
      });
    } catch (cause) {
      const told = asProblem(cause);
      if (!placeFieldErrors(form, told, t)) setProblem(told);
    } finally {
      setBusy(false);
    }
  }

  function reset() {
    form.resetFields();
    setProblem(null);
    mark(false);
  }

  return { form, problem, busy, dirty, save, reset, touch: () => mark(true) };
}

/** Equal for a form: nothing typed and nothing stored are the same. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(emptyToNull(a)) === JSON.stringify(emptyToNull(b));
}

export function emptyToNull(value: unknown): unknown {
  return value === "" || value === undefined ? null : value;
}
