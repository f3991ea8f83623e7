import { DownloadOutlined, KeyOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@yanshu/api";
import { keyOf } from "@yanshu/api/query";
import { ConfirmDanger } from "@yanshu/ui";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { GuardedButton } from "../../parts/GuardedButton";
import { saveFile } from "../../parts/saveFile";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { Import } from "../../server/types";
import { rowsToApply, rowsToMend } from "./changeSet";

type Asking = "undo" | "passwords";

/** What can be done with an import in its state; the primary button says what will happen. */
export function ImportActions({ current }: { current: Import }) {
  const { t, i18n } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const client = useQueryClient();
  const { modal } = App.useApp();
  const [busy, setBusy] = useState<string>();
  const [asking, setAsking] = useState<Asking>();
  const [problem, setProblem] = useState<ReturnType<typeof asProblem> | null>(null);
  const path = { id: current.id };
  const { state } = current;

  async function run(what: string, call: () => Promise<Import | undefined>) {
    setBusy(what);
    setProblem(null);
    try {
      const answer = await call();
      if (answer !== undefined) client.setQueryData(keyOf(api.getImport, { path }), answer);
      void client.invalidateQueries({ queryKey: keyOf(api.getImport, { path }) });
      void client.invalidateQueries({ queryKey: [api.listImports.id] });
      void client.invalidateQueries({ queryKey: [api.listJobs.id] });
      setAsking(undefined);
    } catch (cause) {
      if (asking === undefined) notices.failed(cause);
      else setProblem(asProblem(cause));
    } finally {
      setBusy(undefined);
    }
  }

  const count = rowsToApply(current.summary);
  const wrong = rowsToMend(current.summary) + current.rows_failed;

  return (
    <>
      {wrong > 0 && (state === "planned" || state === "applied" || state === "undone" || state === "cancelled") ? (
        <Dropdown
          trigger={["click"]}
          menu={{
            items: (["xlsx", "csv"] as const).map((format) => ({
              key: format,
              label: (
                <a href={api.getWrongRows.url({ path, query: { format, language: i18n.language } })} download>
                  .{format}
                </a>
              ),
            })),
          }}
        >
          <Button icon={<DownloadOutlined aria-hidden />}>
            {t("imports.wrongRows", { count: wrong, shown: formats.number(wrong) })}
          </Button>
        </Dropdown>
      ) : null}
      {current.passwords_available ? (
        <GuardedButton needs="import_members" icon={<KeyOutlined aria-hidden />} onClick={() => setAsking("passwords")}>
          {t("imports.passwords")}
        </GuardedButton>
      ) : null}
      {state === "applied" ? (
        <GuardedButton needs="import_members" danger onClick={() => setAsking("undo")}>
          {t("imports.undo")}
        </GuardedButton>
      ) : null}
      {state === "planned" || state === "planning" || state === "uploaded" ? (
        <GuardedButton
          needs="import_members"
          loading={busy === "cancel"}
          onClick={() =>
            modal.confirm({
              title: t("imports.dropTitle"),
              content: t("imports.dropHelp"),
              okText: t("imports.dropPlan"),
              cancelText: t("parts.cancel"),
              onOk: () => run("cancel", () => api.cancelImport({ path })),
            })
          }
        >
          {t("imports.dropPlan")}
        </GuardedButton>
      ) : null}
      {state === "applying" ? (
        <GuardedButton
          needs="import_members"
          loading={busy === "cancel"}
          onClick={() => void run("cancel", () => api.cancelImport({ path }))}
        >
          {t("imports.stop")}
        </GuardedButton>
      ) : null}
      {state === "planned" ? (
        <GuardedButton
          needs="import_members"
          type="primary"
          loading={busy === "apply"}
          reason={count === 0 ? t("imports.nothingToDo") : undefined}
          onClick={() => void run("apply", () => api.applyImport({ path }))}
        >
          {t("imports.apply", { count, shown: formats.number(count) })}
        </GuardedButton>
      ) : null}
      <ConfirmDanger
        open={asking === "undo"}
        title={t("imports.undoTitle", { file: current.file_name })}
        action={t("imports.undo")}
        tickToConfirm={t("imports.undoTick")}
        pending={busy === "undo"}
        problem={problem}
        onConfirm={() => void run("undo", () => api.undoImport({ path }))}
        onCancel={() => setAsking(undefined)}
      >
        {t("imports.undoHelp", { count: current.rows_applied, shown: formats.number(current.rows_applied) })}
      </ConfirmDanger>
      <ConfirmDanger
        open={asking === "passwords"}
        title={t("imports.passwordsTitle")}
        action={t("imports.passwordsTake")}
        tickToConfirm={t("imports.passwordsTick")}
        pending={busy === "passwords"}
        problem={problem}
        onConfirm={() =>
          void run("passwords", async () => {
            saveFile(await api.fetchInitialPasswords({ path }), t("imports.passwordsFile"));
            return undefined;
          })
        }
        onCancel={() => setAsking(undefined)}
      >
        {t("imports.passwordsWarning")}
      </ConfirmDanger>
    </>
  );
}
