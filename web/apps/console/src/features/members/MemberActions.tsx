import { App } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { GuardedButton } from "../../parts/GuardedButton";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { Member, MemberState } from "../../server/types";
import { useSession } from "../../session/session";
import { RestoreMail } from "./RestoreMail";
import { useMemberChanged } from "./useMemberChanged";

export type StateAction = "suspend" | "resume" | "lock" | "unlock" | "recycle" | "restore";

const calls = {
  suspend: api.suspendMember,
  resume: api.resumeMember,
  lock: api.lockMember,
  unlock: api.unlockMember,
  recycle: api.recycleMember,
  restore: api.restoreMember,
} as const;

const opposite: Record<StateAction, StateAction> = {
  suspend: "resume",
  resume: "suspend",
  lock: "unlock",
  unlock: "lock",
  recycle: "restore",
  restore: "recycle",
};

/** What can be done to a member in this state. */
export function actionsFor(state: MemberState): StateAction[] {
  switch (state) {
    case "recycled":
      return ["restore"];
    case "suspended":
      return ["resume", "recycle"];
    case "locked":
      return ["unlock", "suspend", "recycle"];
    default:
      return ["suspend", "lock", "recycle"];
  }
}

/** Suspend, lock, recycle and back: each says what it does before, and can be undone after. */
export function MemberActions({ member }: { member: Member }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const notices = useNotices();
  const session = useSession();
  const changed = useMemberChanged();
  const [busy, setBusy] = useState<StateAction>();
  const [restoringMail, setRestoringMail] = useState(false);
  const path = { id: member.id };

  async function run(action: StateAction) {
    setBusy(action);
    try {
      changed(await calls[action]({ path }));
      notices.undoable(t(`memberActions.done.${action}`, { name: member.name }), async () => {
        changed(await calls[opposite[action]]({ path }));
      });
    } catch (cause) {
      notices.failed(cause);
    } finally {
      setBusy(undefined);
    }
  }

  function ask(action: StateAction) {
    if (action === "resume" || action === "unlock" || action === "restore") {
      void run(action);
      return;
    }
    modal.confirm({
      title: t(`memberActions.title.${action}`, { name: member.name }),
      content: t(`memberActions.effect.${action}`),
      okText: t(`memberActions.${action}`),
      okButtonProps: { danger: true },
      cancelText: t("parts.cancel"),
      onOk: () => run(action),
    });
  }

  const ownerOnly = member.role === "owner" && session.role !== "owner" ? t("memberActions.ownerOnly") : undefined;
  const reason = member.id === session.member.id ? t("memberActions.notYourself") : ownerOnly;

  return (
    <div className="part-row" role="toolbar" aria-label={t("memberActions.label")}>
      {actionsFor(member.state).map((action) => (
        <GuardedButton
          key={action}
          needs="manage_members"
          reason={reason}
          size="small"
          danger={action === "recycle"}
          loading={busy === action}
          onClick={() => ask(action)}
        >
          {t(`memberActions.${action}`)}
        </GuardedButton>
      ))}
      {member.mail === null ? null : (
        <GuardedButton needs="manage_members" reason={ownerOnly} size="small" onClick={() => setRestoringMail(true)}>
          {t("memberActions.restoreMail")}
        </GuardedButton>
      )}
      {restoringMail ? <RestoreMail member={member} onClose={() => setRestoringMail(false)} /> : null}
    </div>
  );
}
