import { InboxOutlined } from "@ant-design/icons";
import { theme } from "antd";
import type { ReactNode } from "react";

/** Why there is nothing here, and the first step. */
export function EmptyState({
  title,
  text,
  action,
  icon = <InboxOutlined />,
}: {
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}) {
  const { token } = theme.useToken();
  return (
    <div style={{ padding: "48px 16px", textAlign: "center", color: token.colorTextSecondary }}>
      <div aria-hidden style={{ fontSize: 32, lineHeight: 1, marginBottom: 12, color: token.colorTextQuaternary }}>
        {icon}
      </div>
      <div style={{ fontSize: 16, fontWeight: 600, color: token.colorText }}>{title}</div>
      {text !== undefined && <div style={{ marginTop: 4, maxWidth: 480, marginInline: "auto" }}>{text}</div>}
      {action !== undefined && <div style={{ marginTop: 16 }}>{action}</div>}
    </div>
  );
}
