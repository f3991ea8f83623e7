import type { Identity } from "@yanshu/api/jmap";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Draft } from "./draft";
import { RecipientField } from "./RecipientField";

interface ComposeFieldsProps {
  id: number;
  draft: Draft;
  identities: readonly Identity[];
  /** Whether writing begins with whom it is for. */
  autoFocus: boolean;
  /** What is wrong with the recipients. */
  wrong: string | undefined;
  onChange: (part: Partial<Draft>) => void;
}

/** From whom, to whom, and about what. */
export function ComposeFields({ id, draft, identities, autoFocus, wrong, onChange }: ComposeFieldsProps) {
  const { t } = useTranslation();
  const [copies, setCopies] = useState(draft.cc.length + draft.bcc.length > 0);
  return (
    <div className="compose-fields">
      {identities.length > 1 && (
        <div className="compose-row">
          <label htmlFor={`from-${id}`}>{t("compose.from")}</label>
          <Select
            id={`from-${id}`}
            variant="borderless"
            value={draft.identityId ?? identities[0]?.id}
            onChange={(identityId) => onChange({ identityId })}
            options={identities.map((one) => ({ value: one.id, label: `${one.name} <${one.email}>` }))}
            style={{ flex: 1, minWidth: 0 }}
          />
        </div>
      )}
      <div className="compose-row">
        <RecipientField
          label={t("compose.to")}
          value={draft.to}
          onChange={(to) => onChange({ to })}
          autoFocus={autoFocus}
          wrong={wrong}
        />
        {!copies && (
          <Button type="link" size="small" onClick={() => setCopies(true)}>
            {t("compose.copies")}
          </Button>
        )}
      </div>
      {copies && (
        <>
          <div className="compose-row">
            <RecipientField label={t("compose.cc")} value={draft.cc} onChange={(cc) => onChange({ cc })} />
          </div>
          <div className="compose-row">
            <RecipientField label={t("compose.bcc")} value={draft.bcc} onChange={(bcc) => onChange({ bcc })} />
          </div>
        </>
      )}
      <div className="compose-row">
        <label htmlFor={`subject-${id}`}>{t("compose.subject")}</label>
        <input
          id={`subject-${id}`}
          className="compose-subject"
          value={draft.subject}
          maxLength={500}
          autoComplete="off"
          onChange={(event) => onChange({ subject: event.target.value })}
        />
      </div>
    </div>
  );
}
