import type { EmailSubmission, SetError } from "../types";
import type { Answer, Args, FakeAccount } from "./FakeAccount";
import { accountId } from "./session";

type Envelope = NonNullable<EmailSubmission["envelope"]> & {
  mailFrom: { parameters?: { HOLDFOR?: string; HOLDUNTIL?: string } };
};

/** Hands one mail in, with what is to become of it when that worked (RFC 8621 §7.5). */
export function submit(account: FakeAccount, args: Args, created: Map<string, string>): Answer[] {
  const [[key, submission] = ["", {}]] = Object.entries((args.create ?? {}) as Record<string, Args>);
  const given = String(submission.emailId ?? "");
  const emailId = given.startsWith("#") ? (created.get(given.slice(1)) ?? "") : given;
  const email = account.emails.get(emailId);
  const told = { accountId, oldState: null, newState: String(account.state) };
  if (email === undefined) {
    return [["EmailSubmission/set", { ...told, notCreated: { [key]: { type: "invalidEmail" } } }]];
  }
  const recipients = [...(email.to ?? []), ...(email.cc ?? []), ...(email.bcc ?? [])];
  const wrong = recipients.filter(({ email: address }) => address.startsWith("nobody@")).map((one) => one.email);
  if (wrong.length > 0) {
    const error = { type: "invalidRecipients", invalidRecipients: wrong };
    return [["EmailSubmission/set", { ...told, notCreated: { [key]: error } }]];
  }
  account.sent.push(emailId);
  const envelope = (submission.envelope ?? null) as Envelope | null;
  const hold = envelope?.mailFrom.parameters ?? {};
  const made: EmailSubmission = {
    id: `s${account.submissions.length + 1}`,
    identityId: String(submission.identityId),
    emailId,
    threadId: email.threadId,
    envelope,
    sendAt: hold.HOLDUNTIL ?? new Date(Date.now() + Number(hold.HOLDFOR ?? 0) * 1000).toISOString(),
    undoStatus: envelope === null ? "final" : "pending",
  };
  account.submissions.push(made);
  const patch = ((args.onSuccessUpdateEmail ?? {}) as Record<string, Args>)[`#${key}`];
  if (patch !== undefined) account.patch(email, patch);
  account.state += 1;
  return [
    [
      "EmailSubmission/set",
      { ...told, created: { [key]: { id: made.id, sendAt: made.sendAt, undoStatus: made.undoStatus } } },
    ],
    ["Email/set", { ...told, updated: { [emailId]: null } }],
  ];
}

/** Takes back what is held (RFC 8621 §7.5). */
export function cancel(account: FakeAccount, args: Args): Answer[] {
  const patches = (args.onSuccessUpdateEmail ?? {}) as Record<string, Args>;
  const updated: Record<string, null> = {};
  const notUpdated: Record<string, SetError> = {};
  for (const id of Object.keys((args.update ?? {}) as Record<string, Args>)) {
    const one = account.submissions.find((submission) => submission.id === id);
    if (one?.undoStatus !== "pending") {
      notUpdated[id] = { type: one === undefined ? "notFound" : "cannotUnsend" };
      continue;
    }
    one.undoStatus = "canceled";
    account.sent = account.sent.filter((emailId) => emailId !== one.emailId);
    updated[id] = null;
    const email = account.emails.get(one.emailId);
    if (email !== undefined && patches[id] !== undefined) account.patch(email, patches[id]);
  }
  account.state += 1;
  return [["EmailSubmission/set", { accountId, oldState: null, newState: String(account.state), updated, notUpdated }]];
}
