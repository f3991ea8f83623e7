import { theme } from "antd";
import { type ReactNode, useEffect } from "react";

interface PageHeaderProps {
  title: string;
  /** One line below the title: numbers, state, scope. */
  detail?: ReactNode;
  /** The buttons of the page, the most important one last. */
  actions?: ReactNode;
  /** Above the title: where the page hangs. */
  trail?: ReactNode;
  /** Goes into the browser's tab after the title. */
  context?: string;
}

/** The page's name, also in the browser's tab, and what can be done with the whole of it. */
export function PageHeader({ title, detail, actions, trail, context = "雁书 Yanshu" }: PageHeaderProps) {
  const { token } = theme.useToken();
  useDocumentTitle(title, context);
  return (
    <div style={{ display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: 12, marginBottom: 16 }}>
      <div style={{ flex: "1 1 240px", minWidth: 0 }}>
        {trail}
        <h1 style={{ margin: 0, fontSize: 20, lineHeight: 1.4, fontWeight: 600, color: token.colorText }}>{title}</h1>
        {detail !== undefined && <div style={{ color: token.colorTextSecondary }}>{detail}</div>}
      </div>
      {actions !== undefined && <div style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>{actions}</div>}
    </div>
  );
}

export function useDocumentTitle(title: string, context = "雁书 Yanshu") {
  useEffect(() => {
    document.title = title === context ? title : `${title} · ${context}`;
  }, [title, context]);
}
