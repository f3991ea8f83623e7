import { theme } from "antd";
import type { ReactNode } from "react";

/** What is known, each with its name: side by side where there is room, below each other on a phone. */
export function Facts({ facts }: { facts: { name: string; value: ReactNode }[] }) {
  const { token } = theme.useToken();
  return (
    <dl
      style={{
        margin: 0,
        display: "grid",
        gridTemplateColumns: "repeat(auto-fill, minmax(min(260px, 100%), 1fr))",
        gap: "16px 24px",
      }}
    >
      {facts.map(({ name, value }) => (
        <div key={name} style={{ minWidth: 0 }}>
          <dt style={{ color: token.colorTextSecondary }}>{name}</dt>
          <dd style={{ margin: 0, overflowWrap: "anywhere" }}>{value || "—"}</dd>
        </div>
      ))}
    </dl>
  );
}
