import { asProblem } from "@yanshu/api";
import type { Id, MailboxRole } from "@yanshu/api/jmap";
import { problemText } from "@yanshu/ui";
import { App } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { nameOfMailbox } from "../folders/folders";
import { dismissNotice, showNotice } from "../parts/notices";
import type { ListSpec } from "./mailList";
import type { MailStore, Target } from "./mailStore";
import type { KeywordPatch, Row } from "./rows";
import { useMail } from "./useMail";

/** The mails that a row stands for in its list. */
export function targetsOf(rows: readonly Row[]): Target[] {
  return rows.flatMap(({ email, members, own }) => {
    const known = new Map(members.map((member) => [member.id, member]));
    return own.map((id) => known.get(id) ?? email);
  });
}

/** Every mail of the rows' threads: what is read or not is a matter of the whole thread. */
export function wholeThreads(rows: readonly Row[]): Target[] {
  return rows.flatMap(({ members }) => members);
}

/** What happens to keywords on the way to a folder. */
function keywordsFor(mail: MailStore, to: Id): KeywordPatch {
  if (mail.mailboxOf("junk")?.id === to) return { $junk: true, $notjunk: false };
  return {};
}

export type MailActions = ReturnType<typeof useMailActions>;

/** What can be done to mails: done at once, told at the bottom left with the way back, or told why not. */
export function useMailActions() {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const mail = useMail();

  return useMemo(() => {
    const failed = (cause: unknown) => void message.error({ content: problemText(t, asProblem(cause)), duration: 6 });

    async function setKeywords(targets: readonly Target[], patch: KeywordPatch) {
      try {
        await mail.setKeywords(targets, patch);
      } catch (cause) {
        failed(cause);
      }
    }

    /** `count` is what the reader chose: threads or mails. */
    async function moveTo(targets: readonly Target[], from: Id | null, to: Id, count: number, keywords?: KeywordPatch) {
      const mailbox = mail.mailboxes.find(({ id }) => id === to);
      if (mailbox === undefined || targets.length === 0) return;
      const before = targets.map(({ id, mailboxIds, keywords: now }) => ({ id, mailboxIds, keywords: now }));
      const text =
        mailbox.role === "trash"
          ? t("actions.deleted", { count })
          : mailbox.role === "junk"
            ? t("actions.junked", { count })
            : t("actions.moved", { count, folder: nameOfMailbox(t, mailbox) });
      const notice = showNotice({ text, undo: () => mail.restore(before) });
      try {
        await mail.move(targets, from, to, { ...keywordsFor(mail, to), ...keywords });
      } catch (cause) {
        dismissNotice(notice);
        failed(cause);
      }
    }

    async function moveToRole(targets: readonly Target[], role: MailboxRole, count: number, keywords?: KeywordPatch) {
      const mailbox = mail.mailboxOf(role);
      // Deleting means away from everywhere; archiving and junk likewise.
      if (mailbox !== undefined) await moveTo(targets, null, mailbox.id, count, keywords);
    }

    /** Deletes for good, after asking; resolves to whether it was done. */
    function destroy(ids: readonly Id[], count: number): Promise<boolean> {
      return new Promise((done) => {
        modal.confirm({
          title: t("actions.destroyTitle", { count }),
          content: t("actions.destroyText"),
          okText: t("actions.destroy"),
          okButtonProps: { danger: true },
          onCancel: () => done(false),
          onOk: () => {
            done(true);
            mail.destroy(ids).then(() => showNotice({ text: t("actions.destroyed", { count }) }), failed);
          },
        });
      });
    }

    /** Does it to every mail of a list, with progress at the bottom left. */
    async function forWholeList(
      spec: ListSpec,
      doing: string,
      leaves: boolean,
      act: (ids: Id[]) => Promise<void>,
      finished: (count: number, ids: Id[]) => { text: string; undo?: () => Promise<unknown> },
    ) {
      const all: Id[] = [];
      showNotice({ text: doing, lasting: true });
      try {
        const count = await mail.forAll(
          spec,
          async (ids) => {
            await act(ids);
            all.push(...ids);
          },
          {
            leaves,
            onProgress: (done, total) =>
              showNotice({ text: t("actions.progress", { doing, done, total: Math.max(done, total) }), lasting: true }),
          },
        );
        showNotice(finished(count, all));
      } catch (cause) {
        dismissNotice();
        failed(cause);
      }
    }

    const update = (ids: readonly Id[], change: object) => mail.send(ids.map((id) => [id, change]));

    return {
      setKeywords,
      moveTo,
      destroy,
      setSeen: (targets: readonly Target[], seen: boolean) => setKeywords(targets, { $seen: seen }),
      setStarred: (targets: readonly Target[], starred: boolean) => setKeywords(targets, { $flagged: starred }),
      trash: (targets: readonly Target[], count: number) => moveToRole(targets, "trash", count),
      archive: (targets: readonly Target[], count: number) => moveToRole(targets, "archive", count),
      junk: (targets: readonly Target[], count: number) => moveToRole(targets, "junk", count),
      notJunk: (targets: readonly Target[], count: number) =>
        moveToRole(targets, "inbox", count, { $junk: false, $notjunk: true }),

      setWholeListKeyword: (spec: ListSpec, keyword: string, value: boolean) =>
        forWholeList(
          // Only those that need it; they leave this list by it.
          {
            ...spec,
            filter: { operator: "AND", conditions: [spec.filter, { [value ? "notKeyword" : "hasKeyword"]: keyword }] },
          },
          t("actions.changing"),
          true,
          (ids) => update(ids, { [`keywords/${keyword}`]: value ? true : null }),
          (count) => ({ text: t("actions.changed", { count }) }),
        ),
      moveWholeList: (spec: ListSpec, to: Id) => {
        const mailbox = mail.mailboxes.find(({ id }) => id === to);
        const from = spec.mailboxId;
        const patch = from === null ? { mailboxIds: { [to]: true } } : moving(from, to);
        return forWholeList(
          spec,
          t("actions.moving"),
          from !== null,
          (ids) => update(ids, patch),
          (count, ids) => ({
            text: t("actions.moved", { count, folder: mailbox === undefined ? "" : nameOfMailbox(t, mailbox) }),
            ...(from === null ? {} : { undo: () => update(ids, moving(to, from)) }),
          }),
        );
      },
      /** Empties a folder for good, after asking. */
      emptyFolder: (spec: ListSpec, folder: string) =>
        modal.confirm({
          title: t("folders.emptyTitle", { folder }),
          content: t("folders.emptyText"),
          okText: t("folders.empty"),
          okButtonProps: { danger: true },
          onOk: () =>
            void forWholeList(
              spec,
              t("actions.emptying"),
              true,
              (ids) => mail.destroy(ids),
              (count) => ({ text: t("actions.destroyed", { count }) }),
            ),
        }),
    };
  }, [mail, message, modal, t]);
}

const moving = (from: Id, to: Id) => ({ [`mailboxIds/${from}`]: null, [`mailboxIds/${to}`]: true });
