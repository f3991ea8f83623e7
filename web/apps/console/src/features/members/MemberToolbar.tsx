import { FilterOutlined, SearchOutlined, TableOutlined } from "@ant-design/icons";
import { useDebounced, useShortcuts } from "@yanshu/ui";
import { Badge, Button, Checkbox, DatePicker, Form, Input, type InputRef, Popover, Select } from "antd";
import dayjs from "dayjs";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "../../parts/Panel";
import { useFormats } from "../../parts/useFormats";
import { memberStates, type ServiceClass } from "../../server/types";
import {
  columnsParam,
  countFilters,
  type MemberColumn,
  type MemberSearch,
  memberColumns,
  shownColumns,
  withoutFilters,
} from "./memberSearch";

interface MemberToolbarProps {
  search: MemberSearch;
  classes: readonly ServiceClass[];
  total: number | undefined;
  onChange: (patch: Partial<MemberSearch>, replace?: boolean) => void;
}

/** Quick search (`/`), filters and columns. */
export function MemberToolbar({ search, classes, total, onChange }: MemberToolbarProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const box = useRef<InputRef>(null);
  const [typed, setTyped] = useState(search.q ?? "");
  const rested = useDebounced(typed, 250);
  const sent = useRef(search.q ?? "");

  useShortcuts({ "/": () => box.current?.focus({ cursor: "all" }) });

  useEffect(() => {
    const wanted = rested.trim();
    if (wanted === sent.current) return;
    sent.current = wanted;
    onChange({ q: wanted === "" ? undefined : wanted }, true);
  }, [rested, onChange]);

  // Going back, or clearing all filters, changes the search from outside.
  useEffect(() => {
    const now = search.q ?? "";
    if (now === sent.current) return;
    sent.current = now;
    setTyped(now);
  }, [search.q]);

  const filters = countFilters(search);
  const cleared = Object.fromEntries(
    Object.keys(search).map((key) => [key, withoutFilters(search)[key as keyof MemberSearch]]),
  );

  return (
    <search className="tools">
      <Input
        ref={box}
        className="tools-search"
        allowClear
        value={typed}
        maxLength={128}
        prefix={<SearchOutlined aria-hidden />}
        placeholder={t("members.search")}
        aria-label={t("members.searchLabel")}
        aria-keyshortcuts="/"
        onChange={(event) => setTyped(event.target.value)}
      />
      <Popover
        trigger="click"
        placement="bottomLeft"
        content={
          <Panel title={t("members.filters")}>
            <div className="filters">
              <FilterItem id="filter-state" label={t("members.filter.state")}>
                <Select
                  id="filter-state"
                  allowClear
                  placeholder={t("members.filter.any")}
                  value={search.state}
                  onChange={(state) => onChange({ state })}
                  options={memberStates.map((state) => ({ value: state, label: t(`memberStates.${state}`) }))}
                />
              </FilterItem>
              <FilterItem id="filter-class" label={t("members.filter.class")}>
                <Select
                  id="filter-class"
                  allowClear
                  placeholder={t("members.filter.any")}
                  value={search.class}
                  onChange={(value) => onChange({ class: value })}
                  options={classes.map((one) => ({ value: one.id, label: one.name }))}
                />
              </FilterItem>
              <FilterItem id="filter-kind" label={t("members.filter.kind")}>
                <Select
                  id="filter-kind"
                  allowClear
                  placeholder={t("members.filter.any")}
                  value={search.kind}
                  onChange={(kind) => onChange({ kind })}
                  options={(["enterprise", "personal"] as const).map((kind) => ({
                    value: kind,
                    label: t(`accountKinds.${kind}`),
                  }))}
                />
              </FilterItem>
              <FilterItem id="filter-mobile" label={t("members.filter.mobile")}>
                <Select
                  id="filter-mobile"
                  allowClear
                  placeholder={t("members.filter.any")}
                  value={search.mobile}
                  onChange={(mobile) => onChange({ mobile })}
                  options={(["yes", "no"] as const).map((value) => ({
                    value,
                    label: t(`members.filter.mobile_${value}`),
                  }))}
                />
              </FilterItem>
              <FilterItem id="filter-created" label={t("members.filter.created")}>
                <DatePicker.RangePicker
                  id={{ start: "filter-created", end: "filter-created-to" }}
                  allowEmpty={[true, true]}
                  value={[
                    search.from === undefined ? null : dayjs(search.from),
                    search.to === undefined ? null : dayjs(search.to),
                  ]}
                  onChange={(days) =>
                    onChange({ from: days?.[0]?.format("YYYY-MM-DD"), to: days?.[1]?.format("YYYY-MM-DD") })
                  }
                />
              </FilterItem>
              <FilterItem id="filter-expires" label={t("members.filter.expires")}>
                <DatePicker
                  id="filter-expires"
                  value={search.expires === undefined ? null : dayjs(search.expires)}
                  onChange={(day) => onChange({ expires: day?.format("YYYY-MM-DD") })}
                  style={{ width: "100%" }}
                />
              </FilterItem>
              <Checkbox
                checked={search.incomplete === true}
                onChange={(event) => onChange({ incomplete: event.target.checked || undefined })}
              >
                {t("members.filter.incomplete")}
              </Checkbox>
              <Checkbox
                checked={search.direct === true}
                disabled={search.department === undefined}
                onChange={(event) => onChange({ direct: event.target.checked || undefined })}
              >
                {t("members.filter.direct")}
              </Checkbox>
              <Button disabled={filters === 0} onClick={() => onChange(cleared)}>
                {t("members.clearFilters")}
              </Button>
            </div>
          </Panel>
        }
      >
        <Badge count={filters} size="small" color="var(--ant-color-primary)">
          <Button icon={<FilterOutlined aria-hidden />}>{t("members.filters")}</Button>
        </Badge>
      </Popover>
      <Popover
        trigger="click"
        placement="bottomLeft"
        content={
          <Panel title={t("members.columns")}>
            <Checkbox.Group<MemberColumn>
              style={{ display: "grid", gap: 8 }}
              value={shownColumns(search)}
              onChange={(columns) => onChange({ columns: columnsParam(columns) })}
              options={memberColumns.map((column) => ({
                value: column,
                label: t(`members.column.${column}`),
                disabled: column === "name",
              }))}
            />
          </Panel>
        }
      >
        <Button icon={<TableOutlined aria-hidden />}>{t("members.columns")}</Button>
      </Popover>
      {filters > 0 ? (
        <Button type="link" size="small" onClick={() => onChange(cleared)}>
          {t("members.clearFilters")}
        </Button>
      ) : null}
      <span className="tools-total" role="status">
        {total === undefined ? "" : t("members.total", { count: total, shown: formats.number(total) })}
      </span>
    </search>
  );
}

function FilterItem({ id, label, children }: { id: string; label: string; children: React.ReactNode }) {
  return (
    <Form.Item layout="vertical" htmlFor={id} label={label}>
      {children}
    </Form.Item>
  );
}
