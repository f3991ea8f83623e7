import type { Department } from "../../server/types";

/** A department as the tree shows it: where it stands and whether it can be opened. */
export interface TreeRow {
  node: Department;
  /** 1 for the root. */
  level: number;
  hasChildren: boolean;
  expanded: boolean;
  position: number;
  siblings: number;
}

/** The departments of an organisation, ready to be asked about: children in their order, parents, paths. */
export interface DepartmentIndex {
  root: Department | undefined;
  byId: Map<string, Department>;
  children: Map<string, Department[]>;
}

export function indexDepartments(nodes: readonly Department[]): DepartmentIndex {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const children = new Map<string, Department[]>();
  let root: Department | undefined;
  for (const node of nodes) {
    if (node.parent_id === null || node.parent_id === undefined || !byId.has(node.parent_id)) {
      root ??= node;
      continue;
    }
    const siblings = children.get(node.parent_id);
    if (siblings === undefined) children.set(node.parent_id, [node]);
    else siblings.push(node);
  }
  for (const siblings of children.values()) {
    siblings.sort((a, b) => a.sort_order - b.sort_order || a.name.localeCompare(b.name, "zh-CN"));
  }
  return { root, byId, children };
}

/** The departments from the root down to and including `id`; empty when there is no such department. */
export function ancestry(index: DepartmentIndex, id: string): Department[] {
  const path: Department[] = [];
  let node = index.byId.get(id);
  // A path can be no longer than there are departments, whatever the data says.
  while (node !== undefined && path.length <= index.byId.size) {
    path.unshift(node);
    node = node.parent_id === null || node.parent_id === undefined ? undefined : index.byId.get(node.parent_id);
  }
  return path;
}

/** The path as people and import files write it: below the root, with slashes; the root is its own name. */
export function pathText(index: DepartmentIndex, id: string): string {
  const path = ancestry(index, id);
  return (path.length > 1 ? path.slice(1) : path).map((node) => node.name).join(" / ");
}

export function isWithin(index: DepartmentIndex, id: string, ancestor: string): boolean {
  return ancestry(index, id).some((node) => node.id === ancestor);
}

/** A department can go anywhere but under itself, and the root goes nowhere. */
export function canMove(index: DepartmentIndex, id: string, target: string): boolean {
  return index.root?.id !== id && index.byId.has(target) && !isWithin(index, target, id);
}

/**
 * The rows to show, top down. While something is searched for, the matches and all that leads to them are shown open; otherwise
 * what the reader opened.
 */
export function visibleRows(index: DepartmentIndex, open: ReadonlySet<string>, search: string): TreeRow[] {
  const { root } = index;
  if (root === undefined) return [];
  const wanted = search.trim().toLowerCase();
  const kept = wanted === "" ? undefined : matchesAndPaths(index, wanted);
  const rows: TreeRow[] = [];
  const stack: Array<{ node: Department; level: number; position: number; siblings: number }> = [
    { node: root, level: 1, position: 1, siblings: 1 },
  ];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const all = index.children.get(next.node.id) ?? [];
    const children = kept === undefined ? all : all.filter((child) => kept.has(child.id));
    const expanded = children.length > 0 && (kept !== undefined || next.node.id === root.id || open.has(next.node.id));
    rows.push({ ...next, hasChildren: children.length > 0, expanded });
    if (!expanded) continue;
    for (let at = children.length - 1; at >= 0; at -= 1) {
      const node = children[at];
      if (node !== undefined) stack.push({ node, level: next.level + 1, position: at + 1, siblings: children.length });
    }
  }
  return rows;
}

function matchesAndPaths(index: DepartmentIndex, wanted: string): Set<string> {
  const kept = new Set<string>();
  for (const node of index.byId.values()) {
    if (!node.name.toLowerCase().includes(wanted) && !node.identifier.toLowerCase().includes(wanted)) continue;
    let at: Department | undefined = node;
    while (at !== undefined && !kept.has(at.id)) {
      kept.add(at.id);
      at = at.parent_id === null || at.parent_id === undefined ? undefined : index.byId.get(at.parent_id);
    }
  }
  return kept;
}

export function matchesSearch(node: Department, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return wanted !== "" && (node.name.toLowerCase().includes(wanted) || node.identifier.toLowerCase().includes(wanted));
}

/** What `move` must be told so that the department comes to stand where it stood before. */
export function placeOf(index: DepartmentIndex, id: string): { parent_id: string; before_id?: string } | undefined {
  const node = index.byId.get(id);
  if (node === undefined || node.parent_id === null || node.parent_id === undefined) return undefined;
  const siblings = index.children.get(node.parent_id) ?? [];
  const after = siblings[siblings.findIndex((sibling) => sibling.id === id) + 1];
  return after === undefined ? { parent_id: node.parent_id } : { parent_id: node.parent_id, before_id: after.id };
}
