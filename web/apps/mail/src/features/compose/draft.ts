import type { BodyPart, Email, EmailAddress, Id, Identity } from "@yanshu/api/jmap";
import { type Recipient, sameAddress, withoutRepeats } from "../mail/parts/addresses";

/** A file of a mail that is being written; its bytes are on the server already. */
export interface DraftFile {
  blobId: Id;
  name: string;
  type: string;
  size: number;
  /** Pictures in the text are named by it; null for attachments. */
  cid: string | null;
}

/** What stands below the text, unchanged: the mail that is answered or forwarded. */
export interface Quote {
  html: string;
  text: string;
}

/** A mail that is being written. */
export interface Draft {
  identityId: Id | null;
  to: Recipient[];
  cc: Recipient[];
  bcc: Recipient[];
  subject: string;
  /** The text, as the editor holds it. */
  html: string;
  quote: Quote | null;
  files: DraftFile[];
  inReplyTo: string[] | null;
  references: string[] | null;
  /** The mail that gets its mark when this one is sent. */
  answers: { emailId: Id; keyword: "$answered" | "$forwarded" } | null;
}

export const emptyDraft: Draft = {
  identityId: null,
  to: [],
  cc: [],
  bcc: [],
  subject: "",
  html: "",
  quote: null,
  files: [],
  inReplyTo: null,
  references: null,
  answers: null,
};

export function isEmptyDraft(draft: Draft, withSignature = ""): boolean {
  return (
    draft.to.length + draft.cc.length + draft.bcc.length + draft.files.length === 0 &&
    draft.subject.trim() === "" &&
    draft.quote === null &&
    (isBlank(draft.html) || draft.html === withSignature)
  );
}

const isBlank = (html: string) => !/<img/i.test(html) && html.replaceAll(/<[^>]*>|&nbsp;/g, "").trim() === "";

export const asRecipient = ({ name, email }: EmailAddress): Recipient => ({ name, email, valid: true });

/** Those who get an answer: not the member, and nobody twice. */
export function answerTo(
  mail: Pick<Email, "from" | "to" | "cc" | "replyTo">,
  own: readonly string[],
  everybody: boolean,
): { to: Recipient[]; cc: Recipient[] } {
  const isMe = ({ email }: EmailAddress) => own.some((mine) => sameAddress(mine, email));
  const senders = mail.replyTo?.length ? mail.replyTo : (mail.from ?? []);
  // An answer to what one wrote oneself goes on to whom it went.
  const first = senders.every(isMe) ? (mail.to ?? []) : senders;
  const to = everybody ? [...first, ...(mail.to ?? []).filter((one) => !isMe(one))] : [...first];
  const kept = withoutRepeats(to);
  const others = everybody ? (mail.cc ?? []).filter((one) => !isMe(one)) : [];
  const cc = withoutRepeats(others).filter(({ email }) => !kept.some((one) => sameAddress(one.email, email)));
  return { to: kept.map(asRecipient), cc: cc.map(asRecipient) };
}

/** The identity that a mail came to; else the first. */
export function identityFor(
  identities: readonly Identity[],
  mail: Pick<Email, "to" | "cc" | "from"> | null,
): Identity | undefined {
  const named = [...(mail?.to ?? []), ...(mail?.cc ?? []), ...(mail?.from ?? [])];
  return identities.find((identity) => named.some(({ email }) => sameAddress(email, identity.email))) ?? identities[0];
}

const replyMark = /^\s*(re|回复|答复|回覆)\s*[:：]/i;
const forwardMark = /^\s*(fwd?|转发|轉寄)\s*[:：]/i;

/** Marks that every mail program understands; one is enough however often it goes to and fro. */
export function answerSubject(subject: string | null, kind: "reply" | "forward"): string {
  const text = subject?.trim() ?? "";
  if ((kind === "reply" ? replyMark : forwardMark).test(text)) return text;
  return `${kind === "reply" ? "Re" : "Fwd"}: ${text}`;
}

/** RFC 5322 §3.6.4: what it answers, and all that came before. */
export function referencesOf(mail: Pick<Email, "messageId" | "references">): string[] | null {
  const all = [...(mail.references ?? []), ...(mail.messageId ?? [])];
  return all.length === 0 ? null : [...new Set(all)].slice(-50);
}

/** Says of a text that speaks of an attachment where none is. Quoted text does not count. */
export function mentionsAttachment(draft: Draft): boolean {
  if (draft.files.some(({ cid }) => cid === null)) return false;
  const text = `${draft.subject} ${draft.html.replaceAll(/<[^>]*>/g, " ")}`;
  const answersToOne = replyMark.test(draft.subject) ? text.slice(draft.subject.length) : text;
  return /附件|附上|随信附|见附|\battach(ed|ment|ments|ing)?\b|\benclosed\b/i.test(answersToOne);
}

export interface WrittenParts {
  html: string;
  text: string;
}

/** The object that `Email/set` creates (RFC 8621 §4.6). */
export function emailOf(
  draft: Draft,
  { html, text }: WrittenParts,
  identity: Identity | undefined,
  mailboxId: Id,
): object {
  const people = (list: readonly Recipient[]) => list.map(({ name, email }) => ({ name, email }));
  const used = draft.files.filter(({ cid }) => cid === null || html.includes(`cid:${cid}`));
  return {
    mailboxIds: { [mailboxId]: true },
    keywords: { $draft: true, $seen: true },
    from: identity === undefined ? null : [{ name: identity.name || null, email: identity.email }],
    replyTo: identity?.replyTo ?? null,
    to: people(draft.to),
    cc: people(draft.cc),
    bcc: people(draft.bcc),
    subject: draft.subject.trim(),
    inReplyTo: draft.inReplyTo,
    references: draft.references,
    bodyValues: { text: { value: text }, html: { value: html } },
    textBody: [{ partId: "text", type: "text/plain" }],
    htmlBody: [{ partId: "html", type: "text/html" }],
    attachments: used.map(({ blobId, name, type, cid }) => ({
      blobId,
      name,
      type,
      disposition: cid === null ? "attachment" : "inline",
      ...(cid === null ? {} : { cid }),
    })),
  };
}

/** The files of a mail as those of a draft; pictures that stand in its text keep their name there. */
export function filesOf(attachments: readonly BodyPart[], html: string): DraftFile[] {
  return attachments.flatMap((part, at) =>
    part.blobId === null
      ? []
      : [
          {
            blobId: part.blobId,
            name: part.name || `${at + 1}`,
            type: part.type,
            size: part.size,
            cid: part.cid !== null && html.includes(`cid:${part.cid}`) ? part.cid : null,
          },
        ],
  );
}
