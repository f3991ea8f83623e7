import { theme } from "antd";

export type StatusTone = "success" | "warning" | "danger" | "info" | "neutral";

/** A dot and a word: filled for what is in force, hollow for what waits. Never colour alone. */
export function StatusTag({
  tone,
  children,
  hollow = false,
}: {
  tone: StatusTone;
  children: string;
  hollow?: boolean;
}) {
  const { token } = theme.useToken();
  const color = {
    success: token.colorSuccess,
    warning: token.colorWarning,
    danger: token.colorError,
    info: token.colorPrimary,
    neutral: token.colorTextTertiary,
  }[tone];
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 6, whiteSpace: "nowrap" }}>
      <span
        aria-hidden
        style={{
          width: 8,
          height: 8,
          boxSizing: "border-box",
          borderRadius: "50%",
          border: `2px solid ${color}`,
          background: hollow ? "transparent" : color,
          flex: "none",
        }}
      />
      {children}
    </span>
  );
}
