import { ApartmentOutlined, CloseOutlined, EditOutlined, SearchOutlined, TeamOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { api } from "@yanshu/api";
import { pages, q } from "@yanshu/api/query";
import {
  CopyButton,
  currentLanguage,
  EmptyState,
  ErrorState,
  numberText,
  phoneText,
  useDebounced,
  useDocumentTitle,
  useMedia,
  useShortcuts,
} from "@yanshu/ui";
import { Button, Drawer } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { compose } from "../compose/windows";
import { DepartmentNav } from "./DepartmentNav";
import { indexed, pathTo } from "./departments";
import "./contacts.css";

type Colleague = Awaited<ReturnType<typeof api.listDirectoryMembers>>["items"][number];

/** The organisation's directory: departments, the people in them, and the way to write to them. */
export function ContactsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ from: "/signed-in/contacts" });
  const narrow = useMedia("(max-width: 860px)");
  const [choosing, setChoosing] = useState(false);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Colleague>>(new Map());
  const tree = useQuery(q(api.listDirectoryDepartments));
  const departments = useMemo(() => indexed(tree.data?.items ?? []), [tree.data]);
  const current = search.q === undefined ? (search.department ?? departments.root?.id) : undefined;
  useDocumentTitle(t("contacts.title"));

  const go = (next: { department?: string; q?: string }, replace = false) =>
    void navigate({ to: "/contacts", search: next, replace });
  const path = current === undefined ? [] : pathTo(departments, current);
  const title =
    search.q !== undefined
      ? t("contacts.results", { query: search.q })
      : (path.at(-1)?.name ?? t("contacts.everybody"));
  const nav = (
    <DepartmentNav
      departments={departments}
      current={current}
      onChoose={(id) => {
        setChoosing(false);
        go(id === departments.root?.id ? {} : { department: id });
      }}
    />
  );

  return (
    <div className="contacts">
      {!narrow && (
        <div className="contacts-tree">
          {tree.error ? (
            <ErrorState problem={tree.error} title={t("contacts.failed")} onRetry={() => void tree.refetch()} />
          ) : (
            nav
          )}
        </div>
      )}
      <section className="contacts-main" aria-label={t("contacts.list")}>
        <div className="contacts-head">
          <SearchField
            query={search.q}
            onSearch={(text) => go(text === "" ? {} : { q: text }, search.q !== undefined)}
          />
          <div className="contacts-line">
            <h1 className="contacts-title">
              {title}
              {path.length > 2 && (
                <span className="contacts-path">
                  {path
                    .slice(1, -1)
                    .map(({ name }) => name)
                    .join(" / ")}
                </span>
              )}
            </h1>
            {narrow && (
              <Button icon={<ApartmentOutlined aria-hidden />} onClick={() => setChoosing(true)}>
                {t("contacts.chooseDepartment")}
              </Button>
            )}
          </div>
          {chosen.size > 0 && (
            <div className="contacts-chosen">
              <Button
                type="primary"
                icon={<EditOutlined aria-hidden />}
                onClick={() => {
                  writeTo([...chosen.values()]);
                  setChosen(new Map());
                }}
              >
                {t("contacts.writeToAll", { count: chosen.size })}
              </Button>
              <Button type="text" icon={<CloseOutlined aria-hidden />} onClick={() => setChosen(new Map())}>
                {t("contacts.clear")}
              </Button>
            </div>
          )}
        </div>
        <People
          key={`${search.q ?? ""}|${current ?? ""}`}
          query={search.q}
          department={search.q === undefined ? search.department : undefined}
          chosen={chosen}
          onToggle={(one) => {
            const next = new Map(chosen);
            if (!next.delete(one.id)) next.set(one.id, one);
            setChosen(next);
          }}
        />
      </section>
      {narrow && (
        <Drawer
          placement="left"
          open={choosing}
          onClose={() => setChoosing(false)}
          size={300}
          title={t("contacts.departments")}
        >
          {nav}
        </Drawer>
      )}
    </div>
  );
}

function writeTo(people: readonly Colleague[]) {
  compose.open({
    kind: "new",
    to: people.flatMap(({ name, address }) => (address ? [{ name, email: address }] : [])),
  });
}

function SearchField({ query, onSearch }: { query: string | undefined; onSearch: (text: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(query ?? "");
  const input = useRef<HTMLInputElement>(null);
  const rested = useDebounced(text.trim(), 200);
  const told = useRef(query ?? "");
  const latest = useRef(onSearch);
  latest.current = onSearch;

  useEffect(() => {
    if (rested === told.current) return;
    told.current = rested;
    latest.current(rested);
  }, [rested]);
  // A department that is chosen ends the search.
  useEffect(() => {
    if ((query ?? "") === told.current) return;
    told.current = query ?? "";
    setText(query ?? "");
  }, [query]);
  useShortcuts({ "/": () => input.current?.select(), c: () => void compose.open() });

  return (
    <search className="contacts-search">
      <SearchOutlined aria-hidden className="contacts-search-icon" />
      <input
        ref={input}
        className="contacts-field"
        type="text"
        inputMode="search"
        autoComplete="off"
        maxLength={128}
        placeholder={t("contacts.search")}
        aria-label={t("contacts.searchLabel")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.nativeEvent.isComposing) setText("");
        }}
      />
    </search>
  );
}

interface PeopleProps {
  query: string | undefined;
  department: string | undefined;
  chosen: ReadonlyMap<string, Colleague>;
  onToggle: (one: Colleague) => void;
}

function People({ query, department, chosen, onToggle }: PeopleProps) {
  const { t } = useTranslation();
  const narrow = useMedia("(max-width: 860px)");
  const scroller = useRef<HTMLDivElement>(null);
  const height = narrow ? 92 : 64;
  const list = useInfiniteQuery(
    pages(api.listDirectoryMembers, {
      query: {
        ...(query === undefined ? {} : { search: query }),
        ...(department === undefined ? {} : { department_id: department }),
        limit: 100,
      },
    }),
  );
  const people = useMemo(() => (list.data?.pages ?? []).flatMap(({ items }) => items), [list.data]);
  const total = list.data?.pages[0]?.total;
  const virtual = useVirtualizer({
    count: people.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (last >= people.length - 10 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, people.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (list.error) {
    return (
      <div className="contacts-state">
        <ErrorState problem={list.error} title={t("contacts.failed")} onRetry={() => void list.refetch()} />
      </div>
    );
  }
  if (list.data === undefined) {
    return (
      <div className="contacts-state" role="status" aria-busy="true">
        <span className="yanshu-hidden">{t("contacts.loading")}</span>
        {[30, 54, 38, 46, 34, 50].map((width) => (
          <div key={width} className="bone" style={{ width: `${width}%`, marginBlock: 26 }} aria-hidden />
        ))}
      </div>
    );
  }
  if (people.length === 0) {
    return (
      <div className="contacts-state">
        <EmptyState
          icon={<TeamOutlined />}
          title={query === undefined ? t("contacts.emptyDepartment") : t("contacts.none")}
          text={query === undefined ? undefined : t("contacts.noneText")}
        />
      </div>
    );
  }
  return (
    <>
      {total !== undefined && total !== null && (
        <p className="contacts-total" role="status">
          {t("contacts.members", { count: total, number: numberText(total, currentLanguage()) })}
        </p>
      )}
      <div ref={scroller} className="contacts-scroll">
        {/* biome-ignore lint/a11y/useSemanticElements: its rows are placed by their position, which list items of a ul are not. */}
        <div
          role="list"
          aria-label={t("contacts.list")}
          style={{ position: "relative", height: virtual.getTotalSize() }}
        >
          {items.map((item) => {
            const one = people[item.index];
            return (
              one && (
                <Person
                  key={one.id}
                  one={one}
                  place={item.index}
                  total={total ?? people.length}
                  style={{ top: item.start, height }}
                  isChosen={chosen.has(one.id)}
                  onToggle={() => onToggle(one)}
                />
              )
            );
          })}
        </div>
      </div>
    </>
  );
}

interface PersonProps {
  one: Colleague;
  place: number;
  total: number;
  style: { top: number; height: number };
  isChosen: boolean;
  onToggle: () => void;
}

function Person({ one, place, total, style, isChosen, onToggle }: PersonProps) {
  const { t } = useTranslation();
  const [main, ...others] = one.departments;
  return (
    // biome-ignore lint/a11y/useSemanticElements: its list is no ul.
    <div
      role="listitem"
      aria-posinset={place + 1}
      aria-setsize={total}
      className="person"
      data-chosen={isChosen || undefined}
      style={style}
    >
      <label className="person-tick">
        <input
          type="checkbox"
          checked={isChosen}
          disabled={!one.address}
          aria-label={t("contacts.select", { name: one.name })}
          onChange={onToggle}
        />
      </label>
      <div className="person-who">
        <span className="person-name">
          {one.name}
          {one.nickname && <span className="person-nickname">{one.nickname}</span>}
        </span>
        <span className="person-place" title={[main, ...others].map((at) => at?.path.join(" / ")).join("\n")}>
          {[main?.position, main?.path.slice(-2).join(" / ")].filter(Boolean).join(" · ") || t("contacts.everybody")}
          {others.length > 0 && ` +${others.length}`}
        </span>
      </div>
      <div className="person-phones">
        {one.mobile && (
          <span className="person-fact">
            <a href={`tel:${one.mobile}`}>{phoneText(one.mobile)}</a>
            <CopyButton text={one.mobile} label={t("contacts.copyMobile")} />
          </span>
        )}
        {one.office_phone && (
          <span className="person-fact">
            <a href={`tel:${one.office_phone.replaceAll(/[^\d+]/g, "")}`}>{one.office_phone}</a>
          </span>
        )}
      </div>
      <div className="person-address">
        {one.address ? (
          <span className="person-fact">
            <span className="person-mail">{one.address}</span>
            <CopyButton text={one.address} label={t("contacts.copyAddress")} />
          </span>
        ) : (
          <span className="person-none">{t("contacts.noAddress")}</span>
        )}
      </div>
      <Button
        className="person-write"
        icon={<EditOutlined aria-hidden />}
        disabled={!one.address}
        aria-label={t("contacts.writeTo", { name: one.name })}
        title={t("contacts.writeTo", { name: one.name })}
        onClick={() => writeTo([one])}
      />
    </div>
  );
}
