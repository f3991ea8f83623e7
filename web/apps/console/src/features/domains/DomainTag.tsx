import { StatusTag } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import type { Domain } from "../../server/types";

/** Whether a domain can be used, by word and mark. */
export function DomainTag({ state }: { state: Domain["state"] }) {
  const { t } = useTranslation();
  return (
    <StatusTag tone={state === "waiting" ? "warning" : "success"} hollow={state !== "verified"}>
      {t(`domainStates.${state}`)}
    </StatusTag>
  );
}
