import { Tooltip } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { phoneText } from "../../parts/phoneText";
import { StateTag } from "../../parts/StateTag";
import { useFormats } from "../../parts/useFormats";
import type { TableColumn } from "../../parts/VirtualTable";
import type { MemberRow } from "../../server/types";
import type { MemberColumn } from "./memberSearch";

/** Numbers and states are read whole, in either language; the columns that are shown at first fill a window of 1280. */
const widths: Record<MemberColumn, number> = {
  name: 96,
  account_name: 100,
  position: 96,
  department: 200,
  mobile: 134,
  address: 220,
  employee_number: 110,
  state: 134,
  account_kind: 100,
  service_class: 110,
  created_at: 150,
  expires_on: 130,
  last_sign_in_at: 124,
};

const sortable: ReadonlySet<MemberColumn> = new Set([
  "name",
  "account_name",
  "employee_number",
  "created_at",
  "last_sign_in_at",
]);

/** The main department's name and position; all of them on hover. */
export function mainPost(row: MemberRow) {
  return row.departments.find((post) => post.is_main) ?? row.departments[0];
}

export function useMemberColumns(shown: readonly MemberColumn[]): Array<TableColumn<MemberRow>> {
  const { t } = useTranslation();
  const formats = useFormats();
  const key = shown.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the columns
  return useMemo(
    () =>
      shown.map((column) => ({
        key: column,
        title: t(`members.column.${column}`),
        width: widths[column],
        grow: true,
        sortKey: sortable.has(column) ? column : undefined,
        cell: (row: MemberRow) => cell(column, row),
      })),
    [key, t, formats],
  );

  function cell(column: MemberColumn, row: MemberRow) {
    switch (column) {
      case "name":
        return <strong>{row.name}</strong>;
      case "account_name":
        return row.account_name;
      case "position":
        return mainPost(row)?.position ?? "";
      case "department":
        return (
          <Tooltip title={row.departments.map((post) => post.path.join(" / ")).join("；")}>
            <span>{mainPost(row)?.path.at(-1) ?? ""}</span>
          </Tooltip>
        );
      case "mobile":
        return phoneText(row.mobile);
      case "address":
        return row.address ?? <span className="part-quiet">{t("members.noMailbox")}</span>;
      case "employee_number":
        return row.employee_number ?? "";
      case "state":
        return <StateTag state={row.state} />;
      case "account_kind":
        return t(`accountKinds.${row.account_kind}`);
      case "service_class":
        return row.service_class.name;
      case "created_at":
        return formats.day(row.created_at);
      case "expires_on":
        return row.expires_on === null ? (
          <span className="part-quiet">{t("members.noEnd")}</span>
        ) : (
          formats.day(row.expires_on)
        );
      case "last_sign_in_at":
        return row.last_sign_in_at === null ? (
          <>
            <span aria-hidden>—</span>
            <span className="yanshu-hidden">{t("members.neverSignedIn")}</span>
          </>
        ) : (
          formats.ago(row.last_sign_in_at)
        );
    }
  }
}
