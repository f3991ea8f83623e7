import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { q } from "@yanshu/api/query";
import { LoadingSkeleton, problemText } from "@yanshu/ui";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { paths } from "../../paths";
import { api } from "../../server";
import type { Import } from "../../server/types";
import { ChangeTable } from "./ChangeTable";
import { stepOf } from "./changeSet";
import { ImportActions } from "./ImportActions";
import { ImportProgress } from "./ImportProgress";
import { ImportSteps } from "./ImportSteps";
import "./imports.css";

const route = getRouteApi("/shell/imports/$importId");

/** One import, from its plan to its report: the page shows what its state asks for, so it can be left and come back to. */
export function ImportPage() {
  const { t } = useTranslation();
  const { importId } = route.useParams();
  const made = useQuery(q(api.getImport, { path: { id: importId } }));

  const trail = <Link to={paths.imports}>{t("imports.title")}</Link>;
  if (made.isPending) {
    return (
      <PageFrame title={t("imports.one")} trail={trail}>
        <LoadingSkeleton rows={8} />
      </PageFrame>
    );
  }
  if (made.isError) {
    return (
      <PageFrame title={t("imports.one")} trail={trail}>
        <Failed problem={made.error} retry={() => void made.refetch()} />
      </PageFrame>
    );
  }
  const current = made.data;
  const planned =
    current.state !== "uploading" &&
    current.state !== "uploaded" &&
    current.state !== "planning" &&
    current.layout !== null;
  return (
    <PageFrame
      fill={planned}
      title={current.file_name}
      trail={trail}
      help={<Summary current={current} />}
      actions={<ImportActions current={current} />}
    >
      <ImportSteps step={stepOf(current.state)} failed={current.state === "failed"} />
      <Outcome current={current} />
      <ImportProgress current={current} />
      {planned ? <ChangeTable current={current} /> : null}
    </PageFrame>
  );
}

function Summary({ current }: { current: Import }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { layout } = current;
  return (
    <>
      {formats.time(current.created_at)} · {formats.size(current.file_bytes)}
      {layout === null
        ? null
        : ` · ${layout.sheet === null ? t("imports.headingRow", { row: layout.heading_row }) : t("imports.sheet", { sheet: layout.sheet, row: layout.heading_row })}`}
    </>
  );
}

/** What came of it, when something did. */
function Outcome({ current }: { current: Import }) {
  const { t } = useTranslation();
  const formats = useFormats();
  switch (current.state) {
    case "failed":
      return (
        <Alert
          type="error"
          showIcon
          title={problemText(t, { code: current.error_code ?? "internal_error", params: current.error_params })}
          description={t("imports.failedHelp")}
          action={
            <Link to={paths.newImport}>
              <Button>{t("imports.again")}</Button>
            </Link>
          }
        />
      );
    case "cancelled":
      return (
        <Alert type="info" showIcon title={t("imports.cancelled", { shown: formats.number(current.rows_applied) })} />
      );
    case "applied":
      return (
        <Alert
          type={current.rows_failed > 0 ? "warning" : "success"}
          showIcon
          role="status"
          title={t("imports.done", { count: current.rows_applied, shown: formats.number(current.rows_applied) })}
          description={
            current.rows_failed > 0
              ? t("imports.someFailed", { count: current.rows_failed, shown: formats.number(current.rows_failed) })
              : undefined
          }
        />
      );
    case "undone":
      return (
        <Alert
          type="info"
          showIcon
          role="status"
          title={t("imports.undone", {
            time: formats.time(current.undone_at),
            count: current.rows_undone,
            shown: formats.number(current.rows_undone),
          })}
        />
      );
    default:
      return current.state === "planned" ? <Reading current={current} /> : null;
  }
}

/** What the reader should know about how the file was read, where that is not plain. */
function Reading({ current }: { current: Import }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { layout } = current;
  if (layout === null) return null;
  const list = (names: string[]) => names.join(t("batch.separator"));
  const unknown = layout.columns.filter((column) => column.key === null && column.heading !== "");
  const hidden = layout.columns.filter((column) => column.hidden);
  const lines = [
    unknown.length > 0 && t("imports.unknownColumns", { columns: list(unknown.map((column) => column.heading)) }),
    layout.other_sheets.length > 0 && t("imports.otherSheets", { sheets: list(layout.other_sheets) }),
    layout.sheet_hidden && t("imports.sheetHidden"),
    hidden.length > 0 && t("imports.hiddenColumns", { columns: list(hidden.map((column) => column.heading)) }),
    layout.hidden_rows > 0 &&
      t("imports.hiddenRows", { count: layout.hidden_rows, shown: formats.number(layout.hidden_rows) }),
    layout.merged_ranges > 0 &&
      t("imports.merged", { count: layout.merged_ranges, shown: formats.number(layout.merged_ranges) }),
  ].filter((line) => line !== false);
  if (lines.length === 0) return null;
  return <Alert type="info" showIcon title={lines.map((line) => <div key={line}>{line}</div>)} />;
}
