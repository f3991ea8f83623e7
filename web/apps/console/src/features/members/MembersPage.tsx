import { ApartmentOutlined, DownloadOutlined, PlusOutlined } from "@ant-design/icons";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { pages, q } from "@yanshu/api/query";
import { EmptyState } from "@yanshu/ui";
import { Button, Drawer } from "antd";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useNarrow } from "../../parts/useNarrow";
import { VirtualTable } from "../../parts/VirtualTable";
import { api } from "../../server";
import { useMay } from "../../session/session";
import { BatchBar } from "./BatchBar";
import { DepartmentHeader } from "./DepartmentHeader";
import { DepartmentPane } from "./DepartmentPane";
import { indexDepartments } from "./departmentIndex";
import { MemberCard } from "./MemberCard";
import { MemberToolbar } from "./MemberToolbar";
import { useMemberColumns } from "./memberColumns";
import {
  countFilters,
  type MemberSearch,
  type MemberSort,
  memberFilter,
  shownColumns,
  withoutFilters,
} from "./memberSearch";
import "./members.css";

const MemberDrawer = lazy(() => import("./MemberDrawer").then((module) => ({ default: module.MemberDrawer })));
const AddMember = lazy(() => import("./AddMember").then((module) => ({ default: module.AddMember })));
const ExportDialogue = lazy(() =>
  import("../exports/ExportDialogue").then((module) => ({ default: module.ExportDialogue })),
);

const route = getRouteApi("/shell/members");
const pageSize = 200;

/** Members and departments: the tree of departments left, its members right, one member in a drawer. All of it stands in the link. */
export function MembersPage() {
  const { t } = useTranslation();
  const may = useMay();
  const narrow = useNarrow();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [allMatching, setAllMatching] = useState(false);
  const [treeOpen, setTreeOpen] = useState(false);
  const [adding, setAdding] = useState(false);
  const [exporting, setExporting] = useState(false);

  const change = (patch: Partial<MemberSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace });

  const departments = useQuery(q(api.listDepartments));
  const index = useMemo(() => indexDepartments(departments.data?.items ?? []), [departments.data]);
  const department = search.department ?? index.root?.id;
  const classes = useQuery(q(api.listServiceClasses));

  const query = {
    ...memberFilter(search),
    sort: search.sort ?? "name",
    descending: search.desc,
    limit: pageSize,
  };
  const members = useInfiniteQuery({ ...pages(api.listMembers, { query }), placeholderData: keepPreviousData });
  const rows = useMemo(() => members.data?.pages.flatMap((page) => page.items) ?? [], [members.data]);
  const total = members.data?.pages[0]?.total ?? rows.length;

  // A selection means the people it was made among; another filter is another list.
  const filterKey = JSON.stringify(memberFilter(search));
  const filterBefore = useRef(filterKey);
  useEffect(() => {
    if (filterBefore.current === filterKey) return;
    filterBefore.current = filterKey;
    setSelected(new Set());
    setAllMatching(false);
  }, [filterKey]);

  const columns = useMemberColumns(shownColumns(search));
  const names = useMemo(() => new Map(rows.map((row) => [row.id, row.name])), [rows]);
  const filtered = countFilters(search) > 0 || search.q !== undefined;

  const tree = (
    <DepartmentPane
      index={index}
      loading={departments.isPending}
      problem={departments.error}
      selected={department}
      onSelect={(id) => {
        setTreeOpen(false);
        change({ department: id === index.root?.id ? undefined : id });
      }}
    />
  );

  const empty = filtered ? (
    <EmptyState
      title={t("members.noneFound")}
      text={t("members.noneFoundHelp")}
      action={
        <Button onClick={() => void navigate({ search: (before) => ({ ...withoutFilters(before), q: undefined }) })}>
          {t("members.clearFilters")}
        </Button>
      }
    />
  ) : (
    <EmptyState
      title={t("members.none")}
      text={t("members.noneHelp")}
      action={
        <GuardedButton needs="manage_members" type="primary" onClick={() => setAdding(true)}>
          {t("members.add")}
        </GuardedButton>
      }
    />
  );

  return (
    <PageFrame
      fill
      title={t("members.title")}
      actions={
        <>
          {narrow ? (
            <Button icon={<ApartmentOutlined aria-hidden />} onClick={() => setTreeOpen(true)}>
              {t("departments.title")}
            </Button>
          ) : null}
          <GuardedButton
            needs="export_members"
            icon={<DownloadOutlined aria-hidden />}
            onClick={() => setExporting(true)}
          >
            {t("exports.open")}
          </GuardedButton>
          <GuardedButton
            needs="manage_members"
            type="primary"
            icon={<PlusOutlined aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t("members.add")}
          </GuardedButton>
        </>
      }
    >
      <div className="members">
        {narrow ? (
          <Drawer
            title={t("departments.title")}
            placement="left"
            size="85%"
            open={treeOpen}
            onClose={() => setTreeOpen(false)}
            styles={{ body: { padding: 8, display: "flex", flexDirection: "column" } }}
          >
            {tree}
          </Drawer>
        ) : (
          tree
        )}
        <div className="members-list">
          <DepartmentHeader index={index} id={department} search={search} onChange={change} />
          <MemberToolbar
            search={search}
            classes={classes.data?.items ?? []}
            total={members.isPending ? undefined : total}
            onChange={change}
          />
          {members.isError && rows.length === 0 ? (
            <Failed problem={members.error} retry={() => void members.refetch()} />
          ) : (
            <VirtualTable
              label={t("members.table")}
              rows={rows}
              rowKey={(row) => row.id}
              columns={columns}
              total={total}
              loading={members.isPending}
              more={
                members.hasNextPage
                  ? {
                      load: () => void members.fetchNextPage({ cancelRefetch: false }),
                      loading: members.isFetchingNextPage,
                    }
                  : undefined
              }
              empty={empty}
              sort={{ key: search.sort ?? "name", descending: search.desc ?? false }}
              onSort={(key, descending) => change({ sort: key as MemberSort, desc: descending ? true : undefined })}
              selection={
                may("manage_members")
                  ? {
                      keys: selected,
                      change: (keys) => {
                        setSelected(keys);
                        setAllMatching(false);
                      },
                      label: (key) => t("members.select", { name: names.get(key) ?? "" }),
                    }
                  : undefined
              }
              onOpen={(row) => change({ member: row.id })}
              openKey={search.member}
              card={(row) => <MemberCard row={row} />}
            />
          )}
          {selected.size > 0 ? (
            <BatchBar
              ids={[...selected]}
              all={allMatching}
              total={total}
              filter={memberFilter(search)}
              index={index}
              classes={classes.data?.items ?? []}
              names={names}
              onAll={() => setAllMatching(true)}
              onClear={() => {
                setSelected(new Set());
                setAllMatching(false);
              }}
            />
          ) : null}
        </div>
      </div>
      <Suspense fallback={null}>
        {search.member === undefined ? null : (
          <MemberDrawer
            key={search.member}
            id={search.member}
            tab={search.tab ?? "basic"}
            index={index}
            classes={classes.data?.items ?? []}
            onTab={(tab) => change({ tab: tab === "basic" ? undefined : tab }, true)}
            onClose={() => change({ member: undefined, tab: undefined })}
          />
        )}
        {adding ? (
          <AddMember
            index={index}
            department={department}
            classes={classes.data?.items ?? []}
            onClose={() => setAdding(false)}
            onOpen={(id) => {
              setAdding(false);
              change({ member: id });
            }}
          />
        ) : null}
        {exporting ? (
          <ExportDialogue index={index} department={search.department} onClose={() => setExporting(false)} />
        ) : null}
      </Suspense>
    </PageFrame>
  );
}
