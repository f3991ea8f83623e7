import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { keyOf } from "@yanshu/api/query";
import { Button, Input, Skeleton, Tooltip } from "antd";
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../parts/Failed";
import { useNarrow } from "../../parts/useNarrow";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { Department } from "../../server/types";
import { useMay } from "../../session/session";
import { DepartmentDialogue } from "./DepartmentDialogue";
import { type DepartmentAction, DepartmentTree } from "./DepartmentTree";
import { type DepartmentIndex, placeOf } from "./departmentIndex";

const narrowest = 240;
const widest = 400;
const widthKey = "yanshu.console.tree-width";

interface DepartmentPaneProps {
  index: DepartmentIndex;
  loading: boolean;
  problem: unknown;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

/** The tree with its search, its menu and its dialogues; as wide as the reader wants it. */
export function DepartmentPane({ index, loading, problem, selected, onSelect }: DepartmentPaneProps) {
  const { t } = useTranslation();
  const may = useMay();
  const narrow = useNarrow();
  const notices = useNotices();
  const client = useQueryClient();
  const [search, setSearch] = useState("");
  const [width, setWidth] = useState(storedWidth);
  const [acting, setActing] = useState<{ action: DepartmentAction; department: Department }>();

  const reload = () => client.invalidateQueries({ queryKey: keyOf(api.listDepartments) });

  async function move(id: string, place: { parent_id: string; before_id?: string }) {
    const before = placeOf(index, id);
    const moved = index.byId.get(id);
    const parent = index.byId.get(place.parent_id);
    if (before === undefined || moved === undefined || parent === undefined) return;
    try {
      await api.moveDepartment({ path: { id }, body: place });
      notices.undoable(t("departments.moved", { name: moved.name, parent: parent.name }), async () => {
        await api.moveDepartment({ path: { id }, body: before });
        await reload();
      });
    } catch (cause) {
      notices.failed(cause);
    }
    await reload();
  }

  function resize(next: number) {
    const clamped = Math.max(narrowest, Math.min(widest, Math.round(next)));
    setWidth(clamped);
    try {
      localStorage.setItem(widthKey, String(clamped));
    } catch {
      // Without storage the width lasts as long as the page.
    }
  }

  function startResize(event: PointerEvent<HTMLDivElement>) {
    const start = event.clientX - width;
    const grip = event.currentTarget;
    grip.setPointerCapture(event.pointerId);
    const drag = (moved: globalThis.PointerEvent) => resize(moved.clientX - start);
    const stop = () => {
      grip.removeEventListener("pointermove", drag);
      grip.removeEventListener("pointerup", stop);
    };
    grip.addEventListener("pointermove", drag);
    grip.addEventListener("pointerup", stop);
  }

  function resizeByKey(event: KeyboardEvent) {
    if (event.key === "ArrowLeft") resize(width - 16);
    else if (event.key === "ArrowRight") resize(width + 16);
    else return;
    event.preventDefault();
  }

  const { root } = index;
  return (
    <>
      <nav
        className={narrow ? "pane pane-flat" : "pane"}
        style={narrow ? undefined : { width, flex: "none" }}
        aria-label={t("departments.title")}
      >
        <div className="pane-head">
          <Input
            allowClear
            value={search}
            prefix={<SearchOutlined aria-hidden />}
            placeholder={t("departments.search")}
            aria-label={t("departments.search")}
            onChange={(event) => setSearch(event.target.value)}
          />
          {may("manage_departments") && root !== undefined ? (
            <Tooltip title={t("departments.add")}>
              <Button
                icon={<PlusOutlined aria-hidden />}
                aria-label={t("departments.add")}
                onClick={() =>
                  setActing({
                    action: "add",
                    department: (selected === undefined ? undefined : index.byId.get(selected)) ?? root,
                  })
                }
              />
            </Tooltip>
          ) : null}
        </div>
        {loading ? (
          <Skeleton active title={false} paragraph={{ rows: 8 }} style={{ padding: 12 }} />
        ) : problem !== null ? (
          <Failed problem={problem} retry={() => void reload()} />
        ) : (
          <DepartmentTree
            index={index}
            selected={selected}
            search={search}
            canManage={may("manage_departments")}
            onSelect={onSelect}
            onAction={(action, department) => setActing({ action, department })}
            onMove={(id, place) => void move(id, place)}
          />
        )}
      </nav>
      {narrow ? null : (
        // biome-ignore lint/a11y/useSemanticElements: a window splitter is a separator that takes the focus
        <div
          className="pane-grip"
          role="separator"
          tabIndex={0}
          aria-orientation="vertical"
          aria-label={t("departments.resize")}
          aria-valuenow={width}
          aria-valuemin={narrowest}
          aria-valuemax={widest}
          onPointerDown={startResize}
          onKeyDown={resizeByKey}
        />
      )}
      {acting === undefined ? null : (
        <DepartmentDialogue
          key={`${acting.action}-${acting.department.id}`}
          action={acting.action}
          department={acting.department}
          index={index}
          onClose={() => setActing(undefined)}
          onMove={move}
          onAdded={onSelect}
          onRemoved={(id) => {
            if (id === selected && root !== undefined) onSelect(acting.department.parent_id ?? root.id);
          }}
        />
      )}
    </>
  );
}

function storedWidth(): number {
  try {
    const stored = Number(localStorage.getItem(widthKey));
    return stored >= narrowest && stored <= widest ? stored : 280;
  } catch {
    return 280;
  }
}
