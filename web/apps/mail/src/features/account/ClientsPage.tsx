import { PageHeader } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import { ClientPasswords } from "./ClientPasswords";
import { ClientSettings } from "./ClientSettings";
import { Section } from "./Section";

/** Setting up mail programs: where they reach the server, and the passwords made for them. */
export function ClientsPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("clients.title")} />
      <Section title={t("clients.settings")} text={t("clients.settingsText")}>
        <ClientSettings />
      </Section>
      <Section title={t("clients.passwords")} text={t("clients.passwordsText")}>
        <ClientPasswords />
      </Section>
    </>
  );
}
