import { EllipsisOutlined } from "@ant-design/icons";
import { Button, theme } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MailStore } from "../mail/store/mailStore";
import type { Draft } from "./draft";
import { quoteDocument } from "./written";

interface QuotedMailProps {
  draft: Draft;
  mail: MailStore;
  onRemove: () => void;
}

/** The mail that is answered or forwarded, folded until somebody wants to see it. */
export function QuotedMail({ draft, mail, onRemove }: QuotedMailProps) {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const [open, setOpen] = useState(false);
  return (
    <div className="compose-quote">
      <Button
        size="small"
        icon={<EllipsisOutlined aria-hidden />}
        aria-expanded={open}
        aria-label={t("compose.quote")}
        title={t("compose.quote")}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <>
          <Button type="link" size="small" onClick={onRemove}>
            {t("compose.removeQuote")}
          </Button>
          <iframe
            className="compose-quote-frame"
            title={t("compose.quote")}
            sandbox="allow-same-origin"
            srcDoc={quoteDocument(draft, mail, token.fontFamily)}
          />
        </>
      )}
    </div>
  );
}
