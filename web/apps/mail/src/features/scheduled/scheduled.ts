import { queryOptions } from "@tanstack/react-query";
import { Batch, type Email, type EmailSubmission, type Id, type JmapClient, setProblem } from "@yanshu/api/jmap";
import type { MailStore } from "../mail/store/mailStore";
import { keys } from "../mail/store/queries";

/** A mail that was handed in and has not left. */
export interface HeldMail {
  submissionId: Id;
  emailId: Id;
}

export interface ScheduledMail extends HeldMail {
  identityId: Id;
  sendAt: string;
  recipients: string[];
  /** Null when it was deleted meanwhile; it leaves all the same. */
  email: Pick<Email, "id" | "to" | "cc" | "bcc" | "subject" | "preview"> | null;
}

/** What waits to be sent, the next first. */
export const scheduledQuery = (client: JmapClient) =>
  queryOptions<ScheduledMail[]>({
    queryKey: keys.scheduled,
    queryFn: async ({ signal }) => {
      const { accountId } = client;
      const batch = new Batch();
      const found = batch.add("EmailSubmission/query", {
        accountId,
        filter: { undoStatus: "pending" },
        sort: [{ property: "sentAt", isAscending: true }],
      });
      const held = batch.add("EmailSubmission/get", { accountId, "#ids": found.ref("/ids") });
      const emails = batch.add("Email/get", {
        accountId,
        "#ids": held.ref("/list/*/emailId"),
        properties: ["id", "to", "cc", "bcc", "subject", "preview"],
      });
      await client.send(batch, signal);
      found.answer();
      const byId = new Map(emails.answer().list.map((email) => [email.id, email as ScheduledMail["email"]]));
      return (held.answer().list as EmailSubmission[])
        .map((one) => ({
          submissionId: one.id,
          emailId: one.emailId,
          identityId: one.identityId,
          sendAt: one.sendAt,
          recipients: one.envelope?.rcptTo.map(({ email }) => email) ?? [],
          email: byId.get(one.emailId) ?? null,
        }))
        .sort((a, b) => a.sendAt.localeCompare(b.sendAt));
    },
  });

/** Takes a mail back before it leaves and makes it a draft again. Throws when it has left. */
export async function takeBack(mail: MailStore, { submissionId }: HeldMail): Promise<void> {
  await cancel(mail, submissionId, asDraft(mail));
  await mail.changed().catch(() => {});
}

/** Sends now what was to be sent later. Should that fail halfway, the mail is a draft again. */
export async function sendNow(mail: MailStore, { submissionId, identityId, emailId }: ScheduledMail): Promise<void> {
  const { accountId } = mail.client;
  await cancel(mail, submissionId, {});
  try {
    const batch = new Batch();
    const sent = batch.add("EmailSubmission/set", { accountId, create: { now: { identityId, emailId } } });
    await mail.client.send(batch);
    const refused = sent.answer().notCreated?.now;
    if (refused) throw setProblem(refused);
  } catch (cause) {
    await mail.client.call("Email/set", { update: { [emailId]: asDraft(mail) } }).catch(() => {});
    throw cause;
  } finally {
    await mail.changed().catch(() => {});
  }
}

async function cancel(mail: MailStore, id: Id, patch: object): Promise<void> {
  const batch = new Batch();
  const canceled = batch.add("EmailSubmission/set", {
    accountId: mail.client.accountId,
    update: { [id]: { undoStatus: "canceled" } },
    ...(Object.keys(patch).length > 0 && { onSuccessUpdateEmail: { [id]: patch } }),
  });
  await mail.client.send(batch);
  const refused = canceled.answer().notUpdated?.[id];
  if (refused) throw setProblem(refused);
}

function asDraft(mail: MailStore): object {
  const [drafts, sent] = [mail.mailboxOf("drafts"), mail.mailboxOf("sent")];
  return {
    ...(sent && { [`mailboxIds/${sent.id}`]: null }),
    ...(drafts && { [`mailboxIds/${drafts.id}`]: true }),
    "keywords/$draft": true,
  };
}
