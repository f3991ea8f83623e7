import type { TFunction } from "i18next";
import { type Draft, mentionsAttachment } from "./draft";

interface Asking {
  t: TFunction;
  /** Asks the writer; false when they go back to the mail. */
  ask: (title: string, okText: string, content?: string) => Promise<boolean>;
}

interface Checked {
  passed: boolean;
  /** What is wrong with the recipients. */
  wrong?: string;
}

/** Whether a mail may leave: it has recipients, and what seems forgotten was not. */
export async function checkBeforeSending(draft: Draft, uploadsFailed: boolean, { t, ask }: Asking): Promise<Checked> {
  const all = [...draft.to, ...draft.cc, ...draft.bcc];
  const invalid = all.filter(({ valid }) => !valid);
  if (all.length === 0) return { passed: false, wrong: t("compose.noRecipients") };
  if (invalid.length > 0) {
    const addresses = invalid.map(({ email }) => email).join(t("list.comma"));
    return { passed: false, wrong: t("compose.wrongRecipients", { addresses }) };
  }
  const anyway = t("compose.sendAnyway");
  const passed =
    (!uploadsFailed || (await ask(t("compose.failedUploads"), anyway))) &&
    (draft.subject.trim() !== "" || (await ask(t("compose.noSubject"), anyway))) &&
    (!mentionsAttachment(draft) || (await ask(t("compose.noAttachment"), anyway, t("compose.noAttachmentText"))));
  return { passed };
}
