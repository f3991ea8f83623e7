import { MenuOutlined } from "@ant-design/icons";
import { Button, Drawer, Layout, Menu, type MenuProps, Tooltip, theme } from "antd";
import { type MouseEvent, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMedia } from "../theme/store";
import { Brand } from "./Brand";

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
  children: ReactNode;
}

/** Header, navigation and page of an app. On narrow screens the navigation is a drawer behind a button. */
export function AppShell({ name, nav, current, onNavigate, actions, children }: AppShellProps) {
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

  return (
    <Layout style={{ flex: 1, background: token.colorBgLayout }}>
      <a className="yanshu-hidden yanshu-skip" href="#main">
        {t("ui.shell.skip")}
      </a>
      <header
        style={{
          position: "sticky",
          top: 0,
          zIndex: 10,
          display: "flex",
          alignItems: "center",
          gap: 8,
          height: 52,
          padding: "0 16px",
          background: token.colorBgContainer,
          borderBottom: `${token.lineWidth}px solid ${token.colorBorderSecondary}`,
        }}
      >
        {narrow && nav.length > 0 && (
          <Button
            type="text"
            icon={<MenuOutlined />}
            aria-label={t("ui.shell.openNavigation")}
            aria-expanded={open}
            onClick={() => setOpen(true)}
            style={{ minWidth: 40, minHeight: 40 }}
          />
        )}
        <div style={{ flex: 1, minWidth: 0 }}>
          <Brand name={name} />
        </div>
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
        {narrow && (
          <Drawer
            placement="left"
            open={open}
            onClose={() => setOpen(false)}
            size={272}
            title={name}
            styles={{ body: { padding: 8 } }}
          >
            {menu}
          </Drawer>
        )}
        <main id="main" tabIndex={-1} style={{ flex: 1, minWidth: 0, padding: narrow ? 16 : 24, outline: "none" }}>
          {children}
        </main>
      </div>
    </Layout>
  );
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
  const click = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    follow(href);
  };
  return {
    key: item.key,
    icon: item.icon,
    label: (
      <a href={href} onClick={click}>
        {item.label}
      </a>
    ),
  };
}
