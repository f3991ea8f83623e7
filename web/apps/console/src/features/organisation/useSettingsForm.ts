import { useQueryClient } from "@tanstack/react-query";
import { keyOf } from "@yanshu/api/query";
import { useSubmit, useUnsavedGuard } from "@yanshu/ui";
import type { FormInstance } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { Organisation, OrganisationPatch } from "../../server/types";

/** A settings form over the organisation: saved at once, and can be taken back. */
export function useSettingsForm<V>(
  form: FormInstance,
  stored: Organisation,
  patch: (values: V) => OrganisationPatch,
  back: () => OrganisationPatch,
) {
  const { t } = useTranslation();
  const notices = useNotices();
  const client = useQueryClient();
  const [dirty, setDirty] = useState(false);
  useUnsavedGuard(dirty);

  function show(organisation: Organisation) {
    client.setQueryData(keyOf(api.getOrganisation), organisation);
    void client.invalidateQueries({ queryKey: [api.getConsoleSession.id] });
    if (organisation.name !== stored.name) void client.invalidateQueries({ queryKey: [api.listDepartments.id] });
  }

  const { submit, pending, problem } = useSubmit<V>(form, async (values) => {
    const before = back();
    show(await api.updateOrganisation({ body: patch(values) }));
    setDirty(false);
    notices.undoable(t("settings.saved"), async () => {
      show(await api.updateOrganisation({ body: before }));
    });
  });
  return { submit, pending, problem, dirty, touch: () => setDirty(true) };
}
