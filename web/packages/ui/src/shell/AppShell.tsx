import { MenuOutlined } from "@ant-design/icons";
import { Button, Menu, type MenuProps, Tooltip, theme } from "antd";
import { lazy, type MouseEvent, type ReactNode, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMedia } from "../theme/store";
import { Brand } from "./Brand";

// Wide screens have no use for it.
const ShellDrawer = lazy(() => import("./ShellDrawer"));

export interface NavItem {
  key: string;
  label: string;
  /** Where it leads; a group has none. */
  href?: string;
  icon?: ReactNode;
  /** Shown disabled with this reason, for what may be seen but not used. */
  disabledReason?: string;
  children?: NavItem[];
}

interface AppShellProps {
  /** The organisation's or product's name beside the mark. */
  name: string;
  nav: NavItem[];
  /** The key of the item the page belongs to. */
  current: string | null;
  /** Called instead of loading `href` anew; opening in a new tab still works. */
  onNavigate: (href: string) => void;
  /** Right of the header: jobs tray, account menu. */
  actions?: ReactNode;
  /** The parts of a larger whole, such as mail and contacts: links in the header, on narrow screens in the drawer. */
  parts?: ShellPart[];
  /** What the drawer of narrow screens holds in place of the navigation; it calls `close` when something was chosen. */
  drawer?: (close: () => void) => ReactNode;
  /** The page fills the window and scrolls inside itself. */
  fill?: boolean;
  /** Left out where a phone's screen is needed for one thing. */
  hideHeader?: boolean;
  children: ReactNode;
}

export interface ShellPart {
  href: string;
  label: string;
  icon?: ReactNode;
  current: boolean;
}

/** Header, navigation and page of an app. On narrow screens the navigation is a drawer behind a button. */
export function AppShell(props: AppShellProps) {
  const { name, nav, current, onNavigate, actions, parts = [], drawer, fill = false, children } = props;
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const narrow = useMedia("(max-width: 860px)");
  const [open, setOpen] = useState(false);

  useEffect(() => {
    if (!narrow) setOpen(false);
  }, [narrow]);

  const follow = (href: string) => {
    setOpen(false);
    onNavigate(href);
  };
  const menu = (
    <nav aria-label={t("ui.shell.navigation")}>
      <Menu
        mode="inline"
        selectedKeys={current === null ? [] : [current]}
        defaultOpenKeys={nav.filter((item) => item.children).map((item) => item.key)}
        items={nav.map((item) => menuItem(item, follow))}
        style={{ borderInlineEnd: "none", background: "transparent" }}
      />
    </nav>
  );

  const hasDrawer = nav.length > 0 || parts.length > 0 || drawer !== undefined;
  const layout = fill ? { height: "100dvh", minHeight: 0, overflow: "hidden" } : {};
  return (
    <div
      className="yanshu-shell"
      style={{
        display: "flex",
        flexDirection: "column",
        flex: fill ? "none" : 1,
        minHeight: 0,
        color: token.colorText,
        background: token.colorBgLayout,
        ...layout,
      }}
    >
      <a className="yanshu-hidden yanshu-skip" href="#main">
        {t("ui.shell.skip")}
      </a>
      <header
        hidden={props.hideHeader}
        style={{
          position: "sticky",
          top: 0,
          zIndex: 10,
          display: props.hideHeader ? "none" : "flex",
          flex: "none",
          alignItems: "center",
          gap: 8,
          height: 52,
          padding: narrow ? "0 8px" : "0 16px",
          background: token.colorBgContainer,
          borderBottom: `${token.lineWidth}px solid ${token.colorBorderSecondary}`,
        }}
      >
        {narrow && hasDrawer && (
          <Button
            type="text"
            icon={<MenuOutlined />}
            aria-label={t("ui.shell.openNavigation")}
            aria-expanded={open}
            onClick={() => setOpen(true)}
            style={{ minWidth: 40, minHeight: 40 }}
          />
        )}
        <div
          style={{
            display: "flex",
            flex: parts.length > 0 && !narrow ? "none" : 1,
            minWidth: 0,
            maxWidth: narrow ? undefined : "50%",
            marginInlineEnd: "auto",
          }}
        >
          <Brand name={name} />
        </div>
        {!narrow && parts.length > 0 && (
          <nav aria-label={t("ui.shell.parts")} style={{ flex: 1, minWidth: 0, marginInlineStart: 16 }}>
            <ShellParts parts={parts} follow={follow} />
          </nav>
        )}
        {actions}
      </header>
      <div style={{ display: "flex", flex: 1, minHeight: 0 }}>
        {!narrow && nav.length > 0 && (
          <div
            style={{
              width: 208,
              flex: "none",
              position: "sticky",
              top: 52,
              alignSelf: "flex-start",
              height: "calc(100dvh - 52px)",
              overflowY: "auto",
              padding: "8px 0",
              background: token.colorBgContainer,
              borderInlineEnd: `${token.lineWidth}px solid ${token.colorBorderSecondary}`,
            }}
          >
            {menu}
          </div>
        )}
        {narrow && hasDrawer && (
          <Suspense>
            <ShellDrawer open={open} title={name} onClose={() => setOpen(false)}>
              {parts.length > 0 && (
                <nav aria-label={t("ui.shell.parts")} className="yanshu-parts-below">
                  <ShellParts parts={parts} follow={follow} />
                </nav>
              )}
              {drawer === undefined ? nav.length > 0 && menu : drawer(() => setOpen(false))}
            </ShellDrawer>
          </Suspense>
        )}
        <main
          id="main"
          tabIndex={-1}
          style={{
            flex: 1,
            minWidth: 0,
            minHeight: 0,
            outline: "none",
            ...(fill ? { display: "flex", flexDirection: "column" } : { padding: narrow ? 16 : 24 }),
          }}
        >
          {children}
        </main>
      </div>
    </div>
  );
}

function ShellParts({ parts, follow }: { parts: ShellPart[]; follow: (href: string) => void }) {
  return (
    <ul className="yanshu-parts">
      {parts.map(({ href, label, icon, current }) => (
        <li key={href}>
          <a href={href} aria-current={current ? "page" : undefined} onClick={inside(href, follow)}>
            {icon}
            {label}
          </a>
        </li>
      ))}
    </ul>
  );
}

// A plain click stays inside the app; any other opens a tab or a window as everywhere.
function inside(href: string, follow: (href: string) => void) {
  return (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    follow(href);
  };
}

type Item = NonNullable<MenuProps["items"]>[number];

function menuItem(item: NavItem, follow: (href: string) => void): Item {
  if (item.children) {
    return {
      key: item.key,
      icon: item.icon,
      label: item.label,
      type: item.icon ? undefined : "group",
      children: item.children.map((child) => menuItem(child, follow)),
    } as Item;
  }
  const { href } = item;
  if (item.disabledReason !== undefined || href === undefined) {
    return {
      key: item.key,
      icon: item.icon,
      disabled: true,
      label: (
        <Tooltip title={item.disabledReason} placement="right">
          <span>{item.label}</span>
        </Tooltip>
      ),
    };
  }
  return {
    key: item.key,
    icon: item.icon,
    label: (
      <a href={href} onClick={inside(href, follow)}>
        {item.label}
      </a>
    ),
  };
}
