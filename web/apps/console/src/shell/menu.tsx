import {
  AppstoreOutlined,
  AuditOutlined,
  BankOutlined,
  CloudServerOutlined,
  DashboardOutlined,
  ImportOutlined,
  LockOutlined,
  SafetyOutlined,
  SendOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { NavItem } from "@yanshu/ui";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { consoleBase, paths } from "../paths";
import type { Permission } from "../server/types";

interface Entry {
  key: string;
  path: string;
  needs: Permission;
  icon: ReactNode;
}

const groups: ReadonlyArray<{ key: string; entries: readonly Entry[] }> = [
  {
    key: "",
    entries: [
      { key: "overview", path: paths.overview, needs: "view_overview", icon: <DashboardOutlined aria-hidden /> },
    ],
  },
  {
    key: "directory",
    entries: [{ key: "members", path: paths.members, needs: "view_members", icon: <TeamOutlined aria-hidden /> }],
  },
  {
    key: "joining",
    entries: [{ key: "imports", path: paths.imports, needs: "import_members", icon: <ImportOutlined aria-hidden /> }],
  },
  {
    key: "mail",
    entries: [
      { key: "domains", path: paths.domains, needs: "manage_domains", icon: <CloudServerOutlined aria-hidden /> },
      { key: "queue", path: paths.queue, needs: "manage_queue", icon: <SendOutlined aria-hidden /> },
    ],
  },
  {
    key: "security",
    entries: [
      {
        key: "administrators",
        path: paths.administrators,
        needs: "view_members",
        icon: <SafetyOutlined aria-hidden />,
      },
      { key: "audit", path: paths.audit, needs: "view_audit", icon: <AuditOutlined aria-hidden /> },
    ],
  },
  {
    key: "settings",
    entries: [
      {
        key: "organisation",
        path: paths.organisation,
        needs: "manage_organisation",
        icon: <BankOutlined aria-hidden />,
      },
      {
        key: "passwordPolicy",
        path: paths.passwordPolicy,
        needs: "manage_organisation",
        icon: <LockOutlined aria-hidden />,
      },
      {
        key: "serviceClasses",
        path: paths.serviceClasses,
        needs: "manage_service_classes",
        icon: <AppstoreOutlined aria-hidden />,
      },
    ],
  },
];

/** The menu of what this administrator may use; groups without an entry are left out. */
export function menuFor(t: TFunction, may: (permission: Permission) => boolean): NavItem[] {
  return groups.flatMap((group): NavItem[] => {
    const children = group.entries
      .filter((entry) => may(entry.needs))
      .map((entry) => ({ key: entry.key, label: t(`menu.${entry.key}`), href: hrefOf(entry.path), icon: entry.icon }));
    if (children.length === 0) return [];
    return group.key === "" ? children : [{ key: group.key, label: t(`menu.${group.key}`), children }];
  });
}

/** The entry a page belongs to: the longest path that its address begins with. */
export function currentEntry(pathname: string): string | null {
  const matches = groups
    .flatMap((group) => group.entries)
    .filter((entry) => pathname === entry.path || (entry.path !== "/" && pathname.startsWith(`${entry.path}/`)))
    .sort((a, b) => b.path.length - a.path.length);
  return matches[0]?.key ?? null;
}

export function hrefOf(path: string): string {
  return path === "/" ? consoleBase : consoleBase + path;
}
