import { theme } from "antd";

/** The goose with the letter, and the product's name. */
export function Brand({ name, compact = false }: { name?: string; compact?: boolean }) {
  const { token } = theme.useToken();
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 10, minWidth: 0, color: token.colorText }}>
      <BrandMark color={token.colorPrimary} paper={token.colorTextLightSolid} />
      {!compact && (
        <span
          style={{ fontSize: 16, fontWeight: 600, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}
        >
          {name ?? "雁书 Yanshu"}
        </span>
      )}
    </span>
  );
}

function BrandMark({ color, paper }: { color: string; paper: string }) {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true" style={{ flex: "none" }}>
      <rect width="32" height="32" rx="7" fill={color} />
      <path
        d="M5 18c4.6.5 8-.6 10.500-3.600C17.400 11.500 20.200 9.400 27 8.500c-2.200 1.500-3.200 2.700-3.600 4.300-.9 4.200-4.100 7.700-9.100 8.200l-4.800 3.500.7-3.900C8 20.300 6.300 19.500 5 18Z"
        fill={paper}
      />
    </svg>
  );
}
