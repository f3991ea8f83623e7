import { useTranslation } from "react-i18next";
import { api } from "../../server";

/** The template in both forms, with headings in the reader's language. */
export function TemplateLinks() {
  const { i18n } = useTranslation();
  return (
    <>
      {(["xlsx", "csv"] as const).map((format) => (
        <a key={format} href={api.getImportTemplate.url({ query: { format, language: i18n.language } })} download>
          .{format}
        </a>
      ))}
    </>
  );
}
