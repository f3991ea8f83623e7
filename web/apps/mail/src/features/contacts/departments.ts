/** A department as the directory tells it. */
export interface DirectoryDepartment {
  id: string;
  parent_id?: string | null;
  name: string;
}

/** A line of the tree. */
export interface DepartmentRow {
  department: DirectoryDepartment;
  /** 0 for the organisation. */
  level: number;
  hasChildren: boolean;
  expanded: boolean;
}

export interface Departments {
  root: DirectoryDepartment | undefined;
  byId: ReadonlyMap<string, DirectoryDepartment>;
  children: ReadonlyMap<string, readonly DirectoryDepartment[]>;
}

/** The departments by what one asks of them; their order is the server's. */
export function indexed(items: readonly DirectoryDepartment[]): Departments {
  const byId = new Map(items.map((one) => [one.id, one]));
  const children = new Map<string, DirectoryDepartment[]>();
  let root: DirectoryDepartment | undefined;
  for (const one of items) {
    if (one.parent_id === null || one.parent_id === undefined || !byId.has(one.parent_id)) root ??= one;
    else children.set(one.parent_id, [...(children.get(one.parent_id) ?? []), one]);
  }
  return { root, byId, children };
}

/** The lines to show: what the reader opened, and the way to what is chosen. */
export function visibleRows(departments: Departments, open: ReadonlySet<string>): DepartmentRow[] {
  const rows: DepartmentRow[] = [];
  const walk = (department: DirectoryDepartment, level: number) => {
    const below = departments.children.get(department.id) ?? [];
    const expanded = below.length > 0 && (level === 0 || open.has(department.id));
    rows.push({ department, level, hasChildren: below.length > 0, expanded });
    if (expanded) for (const child of below) walk(child, level + 1);
  };
  if (departments.root !== undefined) walk(departments.root, 0);
  return rows;
}

/** From the organisation down to the department. */
export function pathTo(departments: Departments, id: string): DirectoryDepartment[] {
  const path: DirectoryDepartment[] = [];
  let at = departments.byId.get(id);
  // A path can be no longer than there are departments, whatever the data says.
  while (at !== undefined && path.length <= departments.byId.size) {
    path.unshift(at);
    at = at.parent_id ? departments.byId.get(at.parent_id) : undefined;
  }
  return path;
}
