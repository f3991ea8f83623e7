import { DatePicker } from "antd";
import dayjs from "dayjs";

interface DayPickerProps {
  id?: string;
  /** `YYYY-MM-DD`, as the API writes days. */
  value?: string | null;
  onChange?: (day: string | null) => void;
  placeholder?: string;
}

/** Chooses a day without a time. */
export function DayPicker({ id, value, onChange, placeholder }: DayPickerProps) {
  return (
    <DatePicker
      id={id}
      value={value ? dayjs(value) : null}
      onChange={(day) => onChange?.(day === null ? null : day.format("YYYY-MM-DD"))}
      placeholder={placeholder}
      style={{ width: "100%" }}
    />
  );
}
