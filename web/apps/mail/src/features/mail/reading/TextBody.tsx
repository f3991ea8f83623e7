import { EllipsisOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { compose } from "../../compose/windows";
import { linkify, withoutQuote } from "./linkify";

/** A plain text: addresses are links, and what it quotes at its end is folded away. */
export function TextBody({ text }: { text: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const parts = useMemo(() => withoutQuote(text), [text]);
  return (
    <div className="body-text">
      <Linked text={parts.text} />
      {parts.quote !== "" && (
        <>
          <div>
            <Button
              size="small"
              aria-expanded={open}
              aria-label={t("reading.quote")}
              title={t("reading.quote")}
              icon={<EllipsisOutlined aria-hidden />}
              onClick={() => setOpen(!open)}
            />
          </div>
          {open && (
            <div className="body-quote">
              <Linked text={parts.quote} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

export function Linked({ text }: { text: string }) {
  return useMemo(
    () =>
      linkify(text).map(({ text: piece, href }, at) =>
        href === undefined ? (
          piece
        ) : (
          <a
            key={at}
            href={href}
            target="_blank"
            rel="noopener noreferrer"
            onClick={(event) => {
              if (!href.startsWith("mailto:")) return;
              event.preventDefault();
              compose.open({ kind: "new", to: [{ name: null, email: href.slice("mailto:".length) }] });
            }}
          >
            {piece}
          </a>
        ),
      ),
    [text],
  );
}
