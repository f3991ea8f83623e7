import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { pages } from "@yanshu/api/query";
import { EmptyState, StatusTag, type StatusTone } from "@yanshu/ui";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { type TableColumn, VirtualTable } from "../../parts/VirtualTable";
import { paths } from "../../paths";
import { api } from "../../server";
import type { Import } from "../../server/types";
import { rowsToApply, rowsToMend } from "./changeSet";
import { TemplateLinks } from "./TemplateLinks";
import "./imports.css";

const importTone: Record<Import["state"], StatusTone> = {
  uploading: "info",
  uploaded: "info",
  planning: "info",
  planned: "warning",
  applying: "info",
  applied: "success",
  undoing: "info",
  undone: "neutral",
  cancelled: "neutral",
  failed: "danger",
};

/** Earlier imports, and the way to a new one. */
export function ImportsPage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const navigate = useNavigate();
  const imports = useInfiniteQuery(pages(api.listImports, { query: { limit: 50 } }));
  const rows = useMemo(() => imports.data?.pages.flatMap((page) => page.items) ?? [], [imports.data]);

  const begin = (
    <GuardedButton
      needs="import_members"
      type="primary"
      icon={<UploadOutlined aria-hidden />}
      onClick={() => void navigate({ to: paths.newImport })}
    >
      {t("imports.new")}
    </GuardedButton>
  );
  const columns: Array<TableColumn<Import>> = [
    {
      key: "file",
      title: t("imports.file"),
      width: 240,
      grow: true,
      cell: (row) => (
        <Link to={paths.import} params={{ importId: row.id }}>
          {row.file_name}
        </Link>
      ),
    },
    {
      key: "state",
      title: t("imports.state"),
      width: 120,
      cell: (row) => <StatusTag tone={importTone[row.state]}>{t(`importStates.${row.state}`)}</StatusTag>,
    },
    {
      key: "rows",
      title: t("imports.rows"),
      width: 100,
      align: "right",
      cell: (row) => formats.number(row.rows_total),
    },
    {
      key: "applied",
      title: t("imports.applied"),
      width: 110,
      align: "right",
      cell: (row) =>
        row.applied_at === null ? formats.number(rowsToApply(row.summary)) : formats.number(row.rows_applied),
    },
    {
      key: "wrong",
      title: t("imports.wrong"),
      width: 110,
      align: "right",
      cell: (row) => formats.number(rowsToMend(row.summary) + row.rows_failed),
    },
    { key: "created", title: t("imports.createdAt"), width: 180, cell: (row) => formats.time(row.created_at) },
  ];

  return (
    <PageFrame fill title={t("imports.title")} help={t("imports.help")} actions={begin}>
      <div className="part-row">
        <DownloadOutlined aria-hidden /> {t("imports.template")}
        <TemplateLinks />
      </div>
      {imports.isError ? (
        <Failed problem={imports.error} retry={() => void imports.refetch()} />
      ) : (
        <VirtualTable
          label={t("imports.list")}
          rows={rows}
          rowKey={(row) => row.id}
          columns={columns}
          loading={imports.isPending}
          more={
            imports.hasNextPage
              ? {
                  load: () => void imports.fetchNextPage({ cancelRefetch: false }),
                  loading: imports.isFetchingNextPage,
                }
              : undefined
          }
          empty={<EmptyState title={t("imports.none")} text={t("imports.noneHelp")} action={begin} />}
          onOpen={(row) => void navigate({ to: paths.import, params: { importId: row.id } })}
          card={(row) => (
            <>
              <div className="card-top">
                <strong>{row.file_name}</strong>
                <StatusTag tone={importTone[row.state]}>{t(`importStates.${row.state}`)}</StatusTag>
              </div>
              <div className="part-quiet">
                {t("imports.rowsCount", { count: row.rows_total, shown: formats.number(row.rows_total) })} ·{" "}
                {formats.time(row.created_at)}
              </div>
            </>
          )}
        />
      )}
    </PageFrame>
  );
}
