import { asProblem } from "@yanshu/api";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { GuardedButton } from "../../../parts/GuardedButton";
import { useFormats } from "../../../parts/useFormats";
import { useNotices } from "../../../parts/useNotices";
import { api } from "../../../server";
import type { Member } from "../../../server/types";
import { useSession } from "../../../session/session";
import { InitialPasswordDialogue } from "../InitialPassword";

/** Password and sign-in: an administrator never learns the password, only starts a new beginning. */
export function SecurityTab({ member }: { member: Member }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const { modal } = App.useApp();
  const session = useSession();
  const [made, setMade] = useState<{ password: string; expires: string }>();

  const reason =
    member.account_kind === "personal"
      ? t("security.personal")
      : member.role === "owner" && session.role !== "owner"
        ? t("security.ownerOnly")
        : member.state === "recycled"
          ? t("security.recycled")
          : undefined;

  function ask() {
    modal.confirm({
      title: t("security.resetTitle", { name: member.name }),
      content: t("security.resetHelp"),
      okText: t("security.reset"),
      okButtonProps: { danger: true },
      cancelText: t("parts.cancel"),
      onOk: async () => {
        try {
          const answer = await api.resetMemberPassword({ path: { id: member.id } });
          setMade({ password: answer.initial_password, expires: answer.expires_at });
        } catch (cause) {
          notices.failed(asProblem(cause));
        }
      },
    });
  }

  return (
    <>
      <dl className="part-facts">
        <dt>{t("members.activatedAt")}</dt>
        <dd>{member.activated_at === null ? t("members.notActivated") : formats.time(member.activated_at)}</dd>
        <dt>{t("members.column.last_sign_in_at")}</dt>
        <dd>{member.last_sign_in_at === null ? t("members.neverSignedIn") : formats.time(member.last_sign_in_at)}</dd>
        <dt>{t("security.administrator")}</dt>
        <dd>{member.role === null ? t("security.no") : t(`roles.${member.role}`)}</dd>
      </dl>
      <section className="part-section" style={{ marginTop: 16 }}>
        <h2>{t("security.resetHeading")}</h2>
        <p>{t("security.resetEffect")}</p>
        <GuardedButton needs="reset_passwords" reason={reason} onClick={ask}>
          {t("security.reset")}
        </GuardedButton>
      </section>
      {made === undefined ? null : (
        <InitialPasswordDialogue
          title={t("security.resetDone", { name: member.name })}
          password={made.password}
          expires={made.expires}
          address={member.address ?? member.account_name}
          footer={
            <Button type="primary" onClick={() => setMade(undefined)}>
              {t("initialPassword.noted")}
            </Button>
          }
          onClose={() => setMade(undefined)}
        />
      )}
    </>
  );
}
