import { useSuspenseQuery } from "@tanstack/react-query";
import { api } from "@yanshu/api";
import { q } from "@yanshu/api/query";
import { currentLanguage, PageHeader, phoneText, sizeText } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import { Facts } from "./Facts";
import { ProfileForm } from "./ProfileForm";
import { Section } from "./Section";

export type Account = Awaited<ReturnType<typeof api.getAccount>>;

/** What the organisation keeps about the member, and what the member may change alone. */
export function ProfilePage() {
  const { t } = useTranslation();
  const { data: account } = useSuspenseQuery(q(api.getAccount));
  return (
    <>
      <PageHeader title={t("profile.title")} detail={account.address ?? account.account_name} />
      <Section title={t("profile.kept")} text={t("profile.keptText")}>
        <Facts facts={keptFacts(account, t)} />
      </Section>
      <Section title={t("profile.own")}>
        <ProfileForm key={account.id} account={account} />
      </Section>
    </>
  );
}

function keptFacts(account: Account, t: ReturnType<typeof useTranslation>["t"]) {
  const language = currentLanguage();
  const { mail } = account;
  return [
    { name: t("profile.name"), value: account.name },
    { name: t("profile.accountName"), value: account.account_name },
    { name: t("profile.address"), value: account.address },
    ...(account.aliases.length > 0
      ? [{ name: t("profile.aliases"), value: account.aliases.join(t("profile.comma")) }]
      : []),
    { name: t("profile.mobile"), value: account.mobile && phoneText(account.mobile) },
    ...(account.gender ? [{ name: t("profile.gender"), value: t(`profile.genders.${account.gender}`) }] : []),
    ...(account.employee_number ? [{ name: t("profile.employeeNumber"), value: account.employee_number }] : []),
    {
      name: t("profile.departments"),
      value: account.departments.map(({ department_id, path, position, is_main }) => (
        <div key={department_id}>
          {path.length > 0 ? path.join(" / ") : t("profile.wholeOrganisation")}
          {position ? ` · ${position}` : ""}
          {is_main && account.departments.length > 1 ? t("profile.main") : ""}
        </div>
      )),
    },
    ...(mail
      ? [
          {
            name: t("profile.storage"),
            value:
              mail.quota.total_bytes === null
                ? t("profile.storageUnlimited", { used: sizeText(mail.used_bytes, language) })
                : t("profile.storageUsed", {
                    used: sizeText(mail.used_bytes, language),
                    total: sizeText(mail.quota.total_bytes, language),
                  }),
          },
        ]
      : []),
    ...(account.expires_on ? [{ name: t("profile.expiresOn"), value: account.expires_on }] : []),
  ];
}
