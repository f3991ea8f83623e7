import { theme } from "antd";
import { type ReactNode, useId } from "react";

/** A titled part of an account page. */
export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  const { token } = theme.useToken();
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      style={{
        maxWidth: 720,
        marginBottom: 16,
        padding: "20px 24px 24px",
        background: token.colorBgContainer,
        border: `${token.lineWidth}px solid ${token.colorBorderSecondary}`,
        borderRadius: token.borderRadius,
      }}
    >
      <h2 id={id} style={{ margin: 0, fontSize: 16, fontWeight: 600 }}>
        {title}
      </h2>
      {text !== undefined && <p style={{ margin: "4px 0 0", color: token.colorTextSecondary }}>{text}</p>}
      <div style={{ marginTop: 16 }}>{children}</div>
    </section>
  );
}
