import { useTranslation } from "react-i18next";
import { useFormats } from "../../parts/useFormats";
import type { AuditEvent } from "../../server/types";
import { changedFields, fieldText, valueText } from "./auditTexts";
import "./audit.css";

/** What a change made of what: field by field, old and new. */
export function AuditChanges({ event }: { event: Pick<AuditEvent, "before" | "after"> }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const changes = changedFields(
    event.before as Record<string, unknown> | null,
    event.after as Record<string, unknown> | null,
  );
  if (changes.length === 0) return null;
  return (
    <dl className="audit-changes">
      {changes.map(({ field, before, after }) => (
        <div key={field}>
          <dt>{fieldText(t, field)}</dt>
          <dd>
            {before === null ? null : (
              <>
                <del>{valueText(t, field, before, formats.size)}</del>{" "}
                <span role="img" aria-label={t("audit.becomes")}>
                  →
                </span>{" "}
              </>
            )}
            {after === null ? (
              <em className="part-quiet">{t("audit.nothing")}</em>
            ) : (
              <ins>{valueText(t, field, after, formats.size)}</ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
