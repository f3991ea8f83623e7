import { Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type DepartmentIndex, pathText } from "./departmentIndex";

interface DepartmentSelectProps {
  index: DepartmentIndex;
  value?: string | undefined;
  onChange?: (id: string | undefined) => void;
  /** Departments that cannot be chosen. */
  without?: (id: string) => boolean;
  clearable?: boolean;
  placeholder?: string;
  id?: string;
  label?: string;
}

/** Chooses a department by its path; typing part of any name on the way finds it. */
export function DepartmentSelect({
  index,
  value,
  onChange,
  without,
  clearable,
  placeholder,
  id,
  label,
}: DepartmentSelectProps) {
  const { t } = useTranslation();
  const options = useMemo(
    () =>
      [...index.byId.keys()]
        .filter((candidate) => without?.(candidate) !== true)
        .map((candidate) => ({ value: candidate, label: pathText(index, candidate) }))
        .sort((a, b) => a.label.localeCompare(b.label, "zh-CN")),
    [index, without],
  );
  return (
    <Select
      id={id}
      aria-label={label}
      value={value}
      onChange={onChange}
      options={options}
      showSearch={{ optionFilterProp: "label" }}
      allowClear={clearable ?? false}
      placeholder={placeholder ?? t("departments.choose")}
      popupMatchSelectWidth={false}
      style={{ width: "100%" }}
    />
  );
}
