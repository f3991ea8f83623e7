import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { q } from "@yanshu/api/query";
import { useDebounced } from "@yanshu/ui";
import { Select } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../server";

export interface MemberChoice {
  id: string;
  name: string;
}

interface MemberSelectProps {
  value?: MemberChoice[] | undefined;
  onChange?: (members: MemberChoice[]) => void;
  multiple?: boolean;
  id?: string;
  label?: string;
  placeholder?: string;
}

/** Finds members by name, pinyin, phone, account or employee number, on the server. */
export function MemberSelect({ value = [], onChange, multiple = false, id, label, placeholder }: MemberSelectProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const search = useDebounced(typed, 200);
  const names = useRef(new Map<string, string>());
  for (const member of value) names.current.set(member.id, member.name);
  const found = useQuery({
    ...q(api.listMembers, { query: { search: search === "" ? undefined : search, sort: "name", limit: 20 } }),
    placeholderData: keepPreviousData,
  });
  const options = (found.data?.items ?? []).map((row) => {
    names.current.set(row.id, row.name);
    return {
      value: row.id,
      label: row.name,
      account: row.account_name,
      path: row.departments[0]?.path.join(" / ") ?? "",
    };
  });
  for (const member of value) {
    if (!options.some((option) => option.value === member.id)) {
      options.push({ value: member.id, label: member.name, account: "", path: "" });
    }
  }
  return (
    <Select
      id={id}
      aria-label={label}
      mode={multiple ? "multiple" : undefined}
      value={multiple ? value.map((member) => member.id) : value[0]?.id}
      onChange={(chosen: string | string[] | undefined) => {
        const ids = chosen === undefined ? [] : Array.isArray(chosen) ? chosen : [chosen];
        onChange?.(ids.map((one) => ({ id: one, name: names.current.get(one) ?? "" })));
      }}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      allowClear
      loading={found.isFetching}
      options={options}
      optionRender={({ data }) => (
        <div>
          {data.label} <span className="part-quiet">{data.account}</span>
          <div className="part-quiet">{data.path}</div>
        </div>
      )}
      placeholder={placeholder ?? t("members.choose")}
      notFoundContent={found.isPending ? t("members.searching") : t("members.noneFound")}
      style={{ width: "100%" }}
    />
  );
}
