import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Copies `text` and says so, to eyes and ears. */
export function CopyButton({ text, label, children }: { text: string; label?: string; children?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const name = copied ? t("ui.copy.done") : (label ?? t("ui.copy.label"));
  return (
    <>
      <Button
        type={children === undefined ? "text" : "default"}
        size={children === undefined ? "small" : "middle"}
        icon={copied ? <CheckOutlined /> : <CopyOutlined />}
        title={name}
        aria-label={children === undefined ? name : undefined}
        onClick={async () => setCopied(await copyText(text))}
      >
        {children}
      </Button>
      <span role="status" className="yanshu-hidden">
        {copied ? t("ui.copy.done") : ""}
      </span>
    </>
  );
}

/** Whether it worked: the clipboard is only given to secure pages. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Plain HTTP on a local network has no clipboard interface.
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "yanshu-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
