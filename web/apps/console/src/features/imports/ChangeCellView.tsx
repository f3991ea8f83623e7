import { problemText } from "@yanshu/ui";
import { Input } from "antd";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { phoneText } from "../../parts/phoneText";
import type { ImportRow } from "../../server/types";
import { changeCell } from "./changeSet";

interface ChangeCellViewProps {
  row: ImportRow;
  column: string;
  index: number;
  label: string;
  /** Given, the cell can be mended in place. */
  onMend: ((value: string) => Promise<void>) | undefined;
}

/** One cell: the value, what it replaces, what is wrong with it, and the field to mend it. */
export function ChangeCellView({ row, column, index, label, onMend }: ChangeCellViewProps) {
  const { t } = useTranslation();
  const cell = changeCell(row, column, index);
  // Numbers are read in groups; a wrong one is shown as it stands in the file.
  const read = (value: string) => {
    if (column === "mobile") return phoneText(value);
    return column === "gender" && value !== "" ? t(`genders.${value}`, { defaultValue: value }) : value;
  };
  const look = cell.old === undefined ? "cell" : "cell cell-changed";
  const wrong = cell.errors.length > 0;
  const [draft, setDraft] = useState<string>();
  const [busy, setBusy] = useState(false);
  const editing = onMend !== undefined && (wrong || draft !== undefined);

  async function commit() {
    if (draft === undefined || onMend === undefined) return;
    const before = row.cells[index] ?? "";
    if (draft === before) {
      setDraft(undefined);
      return;
    }
    setBusy(true);
    try {
      await onMend(draft);
      setDraft(undefined);
    } catch {
      // What went wrong has been told; what was typed stays.
    } finally {
      setBusy(false);
    }
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    event.stopPropagation();
    if (event.key === "Enter" && !event.nativeEvent.isComposing) event.currentTarget.blur();
    if (event.key === "Escape") setDraft(undefined);
  }

  if (editing) {
    return (
      <div className="cell-wrong">
        <Input
          size="small"
          status={wrong ? "error" : undefined}
          value={draft ?? cell.value}
          disabled={busy}
          maxLength={2000}
          autoFocus={!wrong}
          aria-label={t("changeSet.edit", { column: label, row: row.row_number })}
          aria-invalid={wrong}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={() => void commit()}
          onKeyDown={onKeyDown}
        />
        <Errors errors={cell.errors} />
      </div>
    );
  }
  const shown = (
    <>
      {cell.old === undefined ? null : (
        <>
          <del>{read(cell.old) || t("changeSet.blank")}</del>{" "}
          <span role="img" aria-label={t("audit.becomes")}>
            →
          </span>{" "}
        </>
      )}
      {cell.old === undefined ? read(cell.value) : <ins>{read(cell.value) || t("changeSet.blank")}</ins>}
    </>
  );
  if (onMend === undefined) {
    return (
      <div className={wrong ? "cell-wrong" : look}>
        {shown}
        <Errors errors={cell.errors} />
      </div>
    );
  }
  return (
    <button
      type="button"
      className={`${look} cell-edit`}
      aria-label={t("changeSet.editValue", { column: label, row: row.row_number, value: cell.value })}
      onClick={() => setDraft(row.cells[index] ?? cell.value)}
    >
      {shown}
    </button>
  );
}

function Errors({ errors }: { errors: ImportRow["errors"] }) {
  const { t } = useTranslation();
  if (errors.length === 0) return null;
  return (
    <ul className="cell-errors">
      {errors.map((error) => (
        <li key={error.code}>{problemText(t, error)}</li>
      ))}
    </ul>
  );
}
