import { useShortcuts } from "@yanshu/ui";
import { Button, Input, type InputRef, Segmented, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type QueueState, queueStates } from "../../server/types";
import { addressOf, domainOf, type QueueSearch, type QueueView, queueViews, viewOf, withView } from "./queueSearch";

interface QueueFiltersProps {
  search: QueueSearch;
  onChange: (search: QueueSearch) => void;
}

/** What waits or is over, by state, the recipients' domain (`/`) and the sender. */
export function QueueFilters({ search, onChange }: QueueFiltersProps) {
  const { t } = useTranslation();
  const box = useRef<InputRef>(null);
  useShortcuts({ "/": () => box.current?.focus({ cursor: "all" }) });
  const { message } = search;
  const set = (patch: Partial<QueueSearch>) => onChange({ ...search, ...patch });
  return (
    <search className="queue-filters">
      <Segmented<QueueView>
        aria-label={t("queue.view")}
        value={viewOf(search)}
        onChange={(view) => onChange(withView(search, view))}
        options={queueViews.map((view) => ({ value: view, label: t(`queue.views.${view}`) }))}
      />
      <Select
        allowClear
        aria-label={t("queue.filterState")}
        placeholder={t("queue.filterState")}
        value={search.state}
        onChange={(state: QueueState | undefined) => set({ state, view: undefined })}
        options={queueStates.map((state) => ({ value: state, label: t(`queueStates.${state}`) }))}
      />
      <TextFilter
        box={box}
        label={t("queue.filterDomain")}
        value={search.domain}
        read={domainOf}
        onChange={(domain) => set({ domain })}
      />
      <TextFilter
        label={t("queue.filterSender")}
        value={search.sender}
        read={addressOf}
        onChange={(sender) => set({ sender })}
      />
      {isFiltered(search) ? (
        <Button type="link" onClick={() => onChange(message === undefined ? {} : { message })}>
          {t("members.clearFilters")}
        </Button>
      ) : null}
    </search>
  );
}

/** Whether anything but the view narrows the list. */
export function isFiltered(search: QueueSearch): boolean {
  return search.state !== undefined || search.domain !== undefined || search.sender !== undefined;
}

interface TextFilterProps {
  box?: React.Ref<InputRef>;
  label: string;
  value: string | undefined;
  /** What is meant by what was typed. */
  read: (typed: string) => string;
  onChange: (value: string | undefined) => void;
}

/** Must match whole, so it is asked for when it is complete: with Enter, or when the field is left. */
function TextFilter({ box, label, value, read, onChange }: TextFilterProps) {
  const [typed, setTyped] = useState(value ?? "");
  useEffect(() => setTyped(value ?? ""), [value]);

  function take(text: string) {
    const meant = read(text);
    setTyped(meant);
    if (meant !== (value ?? "")) onChange(meant === "" ? undefined : meant);
  }

  return (
    <Input
      {...(box === undefined ? {} : { ref: box, "aria-keyshortcuts": "/" })}
      allowClear
      value={typed}
      maxLength={254}
      autoComplete="off"
      spellCheck={false}
      inputMode="email"
      aria-label={label}
      placeholder={label}
      onChange={(event) => (event.target.value === "" ? take("") : setTyped(event.target.value))}
      onPressEnter={() => take(typed)}
      onBlur={() => take(typed)}
    />
  );
}
