import { CaretRightOutlined, MoreOutlined } from "@ant-design/icons";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Button, Dropdown } from "antd";
import { type DragEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../parts/useFormats";
import type { Department } from "../../server/types";
import { ancestry, canMove, type DepartmentIndex, matchesSearch, type TreeRow, visibleRows } from "./departmentIndex";
import "./DepartmentTree.css";

export type DepartmentAction = "add" | "rename" | "limit" | "leaders" | "move" | "remove";
const actions: readonly DepartmentAction[] = ["add", "rename", "limit", "leaders", "move", "remove"];

interface DropPlace {
  id: string;
  where: "before" | "into" | "after";
}

interface DepartmentTreeProps {
  index: DepartmentIndex;
  selected: string | undefined;
  search: string;
  canManage: boolean;
  onSelect: (id: string) => void;
  onAction: (action: DepartmentAction, department: Department) => void;
  onMove: (id: string, place: { parent_id: string; before_id?: string }) => void;
}

const rowHeight = 34;

/**
 * The departments of an organisation, however many. The arrows walk, open and close as in every tree; Enter chooses; F2 renames,
 * Insert adds below, Delete removes; a department is moved by dragging it or through its menu.
 */
export function DepartmentTree(props: DepartmentTreeProps) {
  const { index, selected, search, canManage, onSelect, onAction, onMove } = props;
  const { t } = useTranslation();
  const formats = useFormats();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string>();
  const [dragged, setDragged] = useState<string>();
  const [drop, setDrop] = useState<DropPlace>();
  const scroller = useRef<HTMLDivElement>(null);
  const focusWanted = useRef(false);

  const rows = useMemo(() => visibleRows(index, open, search), [index, open, search]);
  const place = useMemo(() => new Map(rows.map((row, at) => [row.node.id, at])), [rows]);

  // A link to a department shows it, whatever was open.
  useEffect(() => {
    if (selected === undefined) return;
    const above = ancestry(index, selected).slice(0, -1);
    setOpen((before) =>
      above.every((node) => before.has(node.id)) ? before : new Set([...before, ...above.map((node) => node.id)]),
    );
  }, [index, selected]);

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    getItemKey: (at) => rows[at]?.node.id ?? at,
  });

  const focusId =
    current !== undefined && place.has(current)
      ? current
      : selected !== undefined && place.has(selected)
        ? selected
        : rows[0]?.node.id;

  useEffect(() => {
    if (!focusWanted.current) return;
    const item = scroller.current?.querySelector<HTMLElement>(`[data-department="${focusId}"]`);
    // An item far away comes into the document a moment after the tree was scrolled to it.
    if (!item) return;
    focusWanted.current = false;
    item.focus();
  });

  const scrolledTo = useRef<string>(undefined);
  useEffect(() => {
    if (selected === undefined || scrolledTo.current === selected) return;
    const at = place.get(selected);
    if (at === undefined) return;
    scrolledTo.current = selected;
    virtualizer.scrollToIndex(at);
  }, [selected, place, virtualizer]);

  function go(at: number) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, at))];
    if (row === undefined) return;
    focusWanted.current = true;
    setCurrent(row.node.id);
    virtualizer.scrollToIndex(place.get(row.node.id) ?? 0);
  }

  function setExpanded(row: TreeRow, expanded: boolean) {
    setOpen((before) => {
      const after = new Set(before);
      if (expanded) after.add(row.node.id);
      else after.delete(row.node.id);
      return after;
    });
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.ctrlKey || event.metaKey || event.altKey || focusId === undefined) return;
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute("role") !== "treeitem") return;
    const at = place.get(focusId) ?? 0;
    const row = rows[at];
    if (row === undefined) return;
    switch (event.key) {
      case "ArrowDown":
      case "j":
        go(at + 1);
        break;
      case "ArrowUp":
      case "k":
        go(at - 1);
        break;
      case "ArrowRight":
        if (row.hasChildren && !row.expanded) setExpanded(row, true);
        else if (row.hasChildren) go(at + 1);
        break;
      case "ArrowLeft":
        if (row.expanded && row.level > 1) setExpanded(row, false);
        else if (row.node.parent_id) go(place.get(row.node.parent_id) ?? 0);
        break;
      case "Home":
        go(0);
        break;
      case "End":
        go(rows.length - 1);
        break;
      case "Enter":
      case " ":
        onSelect(row.node.id);
        break;
      case "F2":
        if (canManage && row.level > 1) onAction("rename", row.node);
        break;
      case "Insert":
        if (canManage) onAction("add", row.node);
        break;
      case "Delete":
        if (canManage && row.level > 1) onAction("remove", row.node);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  function onDragOver(event: DragEvent<HTMLDivElement>, row: TreeRow) {
    if (dragged === undefined) return;
    const box = event.currentTarget.getBoundingClientRect();
    const height = (event.clientY - box.top) / box.height;
    const where =
      row.level === 1 ? "into" : height < 0.28 ? "before" : height > 0.72 && !row.expanded ? "after" : "into";
    const parent = where === "into" ? row.node.id : row.node.parent_id;
    if (!parent || !canMove(index, dragged, parent) || row.node.id === dragged) {
      setDrop(undefined);
      return;
    }
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    if (drop?.id !== row.node.id || drop.where !== where) setDrop({ id: row.node.id, where });
  }

  function onDrop() {
    const target = drop === undefined ? undefined : index.byId.get(drop.id);
    if (dragged !== undefined && drop !== undefined && target !== undefined) {
      if (drop.where === "into") onMove(dragged, { parent_id: target.id });
      else if (target.parent_id) {
        const siblings = index.children.get(target.parent_id) ?? [];
        const next = drop.where === "before" ? target : siblings[siblings.indexOf(target) + 1];
        onMove(
          dragged,
          next === undefined ? { parent_id: target.parent_id } : { parent_id: target.parent_id, before_id: next.id },
        );
      }
    }
    setDragged(undefined);
    setDrop(undefined);
  }

  const found = search.trim() !== "" && !rows.some((row) => matchesSearch(row.node, search));

  return (
    <div
      ref={scroller}
      className="tree"
      role="tree"
      aria-label={t("departments.tree")}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {found ? <p className="tree-none">{t("departments.noneFound")}</p> : null}
      <div className="tree-body" role="presentation" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const { node } = row;
          const dropping = drop?.id === node.id ? ` tree-drop-${drop.where}` : "";
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys of all its items
            <div
              key={item.key}
              role="treeitem"
              data-department={node.id}
              aria-label={t("departments.item", { name: node.name, count: node.subtree_count })}
              aria-level={row.level}
              aria-expanded={row.hasChildren ? row.expanded : undefined}
              aria-selected={node.id === selected}
              aria-posinset={row.position}
              aria-setsize={row.siblings}
              tabIndex={node.id === focusId ? 0 : -1}
              className={`tree-row${dropping}${matchesSearch(node, search) ? " tree-match" : ""}`}
              style={{
                transform: `translateY(${item.start}px)`,
                height: rowHeight,
                paddingInlineStart: 4 + (row.level - 1) * 16,
              }}
              draggable={canManage && row.level > 1}
              onDragStart={(event) => {
                event.dataTransfer.setData("text/plain", node.name);
                event.dataTransfer.effectAllowed = "move";
                setDragged(node.id);
              }}
              onDragOver={(event) => onDragOver(event, row)}
              onDragEnd={() => {
                setDragged(undefined);
                setDrop(undefined);
              }}
              onDrop={(event) => {
                event.preventDefault();
                onDrop();
              }}
              onClick={() => {
                setCurrent(node.id);
                onSelect(node.id);
              }}
            >
              {row.hasChildren && row.level > 1 ? (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys open and close
                // biome-ignore lint/a11y/noStaticElementInteractions: part of the tree item
                <span
                  className={`tree-caret${row.expanded ? " tree-caret-open" : ""}`}
                  onClick={(event) => {
                    event.stopPropagation();
                    setExpanded(row, !row.expanded);
                  }}
                >
                  <CaretRightOutlined aria-hidden />
                </span>
              ) : (
                <span className="tree-caret" />
              )}
              <span className="tree-name" title={node.name}>
                {node.name}
              </span>
              <span className="tree-count" aria-hidden="true">
                {formats.number(node.subtree_count)}
                {node.member_limit === null || node.member_limit === undefined
                  ? null
                  : ` / ${formats.number(node.member_limit)}`}
              </span>
              {canManage ? (
                <Dropdown
                  trigger={["click"]}
                  menu={{
                    items: actions
                      .filter(
                        (action) => row.level > 1 || action === "add" || action === "limit" || action === "leaders",
                      )
                      .map((action) => ({
                        key: action,
                        label: t(`departments.actions.${action}`),
                        danger: action === "remove",
                      })),
                    onClick: ({ key, domEvent }) => {
                      domEvent.stopPropagation();
                      onAction(key as DepartmentAction, node);
                    },
                  }}
                >
                  <Button
                    type="text"
                    size="small"
                    className="tree-more"
                    tabIndex={node.id === focusId ? 0 : -1}
                    aria-label={t("departments.more", { name: node.name })}
                    icon={<MoreOutlined aria-hidden />}
                    onClick={(event) => event.stopPropagation()}
                  />
                </Dropdown>
              ) : null}
            </div>
          );
        })}
      </div>
    </div>
  );
}
