import { useQuery } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { q } from "@yanshu/api/query";
import { currentLanguage, sizeText } from "@yanshu/ui";
import { useTranslation } from "react-i18next";

/** How full the mailbox is; warns in words when little is left. */
export function StorageMeter() {
  const { t } = useTranslation();
  const mail = useQuery({ ...q(api.getAccount), staleTime: 300_000 }).data?.mail;
  if (!mail) return null;
  const language = currentLanguage();
  const used = sizeText(mail.used_bytes, language);
  const total = mail.quota.total_bytes;
  if (total === null || total === undefined) {
    return <div className="storage">{t("folders.storage.unlimited", { used })}</div>;
  }
  const part = total === 0 ? 1 : Math.min(1, mail.used_bytes / total);
  const level = part >= 0.98 ? "full" : part >= 0.9 ? "high" : "fine";
  const text = t(`folders.storage.${level}`, { used, total: sizeText(total, language) });
  return (
    <div className="storage" data-level={level}>
      <div className="storage-bar" aria-hidden>
        <span className="storage-used" style={{ width: `${part * 100}%` }} />
      </div>
      {text}
    </div>
  );
}
