import { CaretRightOutlined } from "@ant-design/icons";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DepartmentRow, type Departments, pathTo, visibleRows } from "./departments";

interface DepartmentNavProps {
  departments: Departments;
  /** Undefined when the whole organisation is shown, or a search. */
  current: string | undefined;
  onChoose: (id: string) => void;
}

/** The departments of the organisation as a tree: the arrows walk, open and close; Enter chooses. */
export function DepartmentNav({ departments, current, onChoose }: DepartmentNavProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<string>();
  const tree = useRef<HTMLDivElement>(null);
  const wanted = useRef(false);
  const rows = visibleRows(departments, open);
  const stop = rows.some(({ department }) => department.id === focused) ? focused : (current ?? departments.root?.id);

  useEffect(() => {
    if (current === undefined) return;
    const above = pathTo(departments, current).slice(0, -1);
    setOpen((before) => new Set([...before, ...above.map(({ id }) => id)]));
  }, [departments, current]);

  useEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    tree.current?.querySelector<HTMLElement>(`[data-department="${stop}"]`)?.focus();
  });

  function setExpanded({ department }: DepartmentRow, expanded: boolean) {
    const next = new Set(open);
    if (expanded) next.add(department.id);
    else next.delete(department.id);
    setOpen(next);
  }

  function go(at: number) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, at))];
    if (row === undefined) return;
    wanted.current = true;
    setFocused(row.department.id);
  }

  function onKeyDown(event: KeyboardEvent) {
    const at = rows.findIndex(({ department }) => department.id === stop);
    const row = rows[at];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "j") go(at + 1);
    else if (event.key === "ArrowUp" || event.key === "k") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(rows.length - 1);
    else if (event.key === "Enter" || event.key === " ") onChoose(row.department.id);
    else if (event.key === "ArrowRight" && row.hasChildren) row.expanded ? go(at + 1) : setExpanded(row, true);
    else if (event.key === "ArrowLeft" && row.expanded && row.level > 0) setExpanded(row, false);
    else if (event.key === "ArrowLeft" && row.level > 0) {
      go(rows.findLastIndex((one, place) => place < at && one.level < row.level));
    } else return;
    event.preventDefault();
  }

  return (
    <div
      ref={tree}
      role="tree"
      aria-label={t("contacts.departments")}
      className="departments"
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {rows.map((row) => {
        const { department, level, hasChildren, expanded } = row;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys.
          <div
            key={department.id}
            role="treeitem"
            data-department={department.id}
            aria-level={level + 1}
            aria-selected={department.id === current}
            aria-expanded={hasChildren ? expanded : undefined}
            tabIndex={department.id === stop ? 0 : -1}
            className="department"
            style={{ paddingInlineStart: 4 + level * 16 }}
            onFocus={() => setFocused(department.id)}
            onClick={() => onChoose(department.id)}
          >
            <span
              className="department-open"
              aria-hidden
              onClick={(event) => {
                if (!hasChildren || level === 0) return;
                event.stopPropagation();
                setExpanded(row, !expanded);
              }}
            >
              {hasChildren && level > 0 && <CaretRightOutlined rotate={expanded ? 90 : 0} />}
            </span>
            <span className="department-name" title={department.name}>
              {department.name}
            </span>
          </div>
        );
      })}
    </div>
  );
}
