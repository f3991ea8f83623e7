import { ConfigProvider, theme } from "antd";
import type { ReactNode } from "react";
import { Brand } from "./Brand";
import { LanguageSwitch } from "./LanguageSwitch";
import { useDocumentTitle } from "./PageHeader";

interface PublicPageProps {
  title: string;
  /** One or two sentences below the title. */
  intro?: ReactNode;
  /** Above the title, such as the step one is at. */
  above?: ReactNode;
  onLanguage?: (language: "zh-CN" | "en") => void;
  children?: ReactNode;
}

/** A page for people who are not signed in: one column, big targets, made for a phone first. */
export function PublicPage({ title, intro, above, onLanguage, children }: PublicPageProps) {
  const { token } = theme.useToken();
  useDocumentTitle(title);
  return (
    <ConfigProvider componentSize="large">
      <div style={{ flex: 1, display: "flex", flexDirection: "column", color: token.colorText }}>
        <header
          style={{ display: "flex", alignItems: "center", justifyContent: "space-between", padding: "12px 16px" }}
        >
          <Brand />
          <LanguageSwitch onChoose={onLanguage} />
        </header>
        <main className="yanshu-public">
          <div
            className="yanshu-public-card"
            style={{
              background: token.colorBgContainer,
              border: `${token.lineWidth}px solid ${token.colorBorderSecondary}`,
            }}
          >
            {above}
            <h1
              style={{ margin: "0 0 8px", fontSize: 22, lineHeight: 1.35, fontWeight: 600, overflowWrap: "anywhere" }}
            >
              {title}
            </h1>
            {intro !== undefined && <div style={{ color: token.colorTextSecondary, marginBottom: 24 }}>{intro}</div>}
            {children}
          </div>
        </main>
      </div>
    </ConfigProvider>
  );
}
