import type { Email, Identity } from "@yanshu/api/jmap";
import type { TimeContext } from "@yanshu/ui";
import type { TFunction } from "i18next";
import { addressText, nameOf } from "../mail/parts/addresses";
import { mailTimeInFull } from "../mail/parts/mailTime";
import {
  answerSubject,
  answerTo,
  asRecipient,
  type Draft,
  emptyDraft,
  filesOf,
  identityFor,
  type Quote,
  referencesOf,
} from "./draft";
import { htmlOfText, mailHtml, quotable, quoted, quoteStyle, takenApart, textOfHtml } from "./html";
import type { Seed } from "./seed";

/** What is asked of a mail that is answered, forwarded or written on. */
export const seedProperties = [
  "id",
  "messageId",
  "inReplyTo",
  "references",
  "from",
  "to",
  "cc",
  "bcc",
  "replyTo",
  "subject",
  "sentAt",
  "receivedAt",
  "textBody",
  "htmlBody",
  "attachments",
  "bodyValues",
] as const;
export type SeedMail = Pick<Email, (typeof seedProperties)[number]>;

export interface Scene {
  identities: readonly Identity[];
  t: TFunction;
  time: TimeContext;
}

/** The draft that a window begins with. `mail` is the one the seed names. */
export function draftOf(seed: Exclude<Seed, { kind: "kept" }>, mail: SeedMail | null, scene: Scene): Draft {
  if (seed.kind === "new" || mail === null) {
    const identity = scene.identities[0];
    const { to = [], subject = "", text = "" } = seed.kind === "new" ? seed : {};
    return {
      ...emptyDraft,
      identityId: identity?.id ?? null,
      to: to.map(asRecipient),
      subject,
      html: (text === "" ? "" : htmlOfText(text)) + signatureOf(identity),
    };
  }
  if (seed.kind === "draft") return resumed(mail, scene);
  const identity = identityFor(scene.identities, mail);
  const own = scene.identities.map(({ email }) => email);
  const quote = quoteOf(mail, seed.kind === "forward" ? "forward" : "reply", scene);
  const files = filesOf(mail.attachments, quote.html);
  const shared = { ...emptyDraft, identityId: identity?.id ?? null, html: signatureOf(identity), quote };
  if (seed.kind === "forward") {
    return {
      ...shared,
      subject: answerSubject(mail.subject, "forward"),
      files,
      references: referencesOf(mail),
      answers: { emailId: mail.id, keyword: "$forwarded" },
    };
  }
  return {
    ...shared,
    ...answerTo(mail, own, seed.kind === "replyAll"),
    subject: answerSubject(mail.subject, "reply"),
    files: files.filter(({ cid }) => cid !== null),
    inReplyTo: mail.messageId,
    references: referencesOf(mail),
    answers: { emailId: mail.id, keyword: "$answered" },
  };
}

function resumed(mail: SeedMail, { identities }: Scene): Draft {
  const html = htmlIn(mail);
  const { written, quoteHtml } =
    html === null ? { written: htmlOfText(textIn(mail)), quoteHtml: null } : takenApart(html);
  const recipients = (list: Email["to"]) => (list ?? []).map(asRecipient);
  return {
    ...emptyDraft,
    identityId: identityFor(identities, { from: mail.from, to: null, cc: null })?.id ?? null,
    to: recipients(mail.to),
    cc: recipients(mail.cc),
    bcc: recipients(mail.bcc),
    subject: mail.subject ?? "",
    html: written,
    quote: quoteHtml === null ? null : { html: quoteHtml, text: textOfHtml(quoteHtml) },
    files: filesOf(mail.attachments, html ?? ""),
    inReplyTo: mail.inReplyTo,
    references: mail.references,
  };
}

function signatureOf(identity: Identity | undefined): string {
  if (identity === undefined) return "";
  const html = identity.htmlSignature || (identity.textSignature ? htmlOfText(identity.textSignature) : "");
  return html === "" ? "" : `<p></p><p></p>${quotable(html)}`;
}

function htmlIn(mail: SeedMail): string | null {
  const parts = mail.htmlBody.filter(({ type }) => type === "text/html");
  if (parts.length === 0) return null;
  return parts.map(({ partId }) => mail.bodyValues[partId ?? ""]?.value ?? "").join("\n");
}

function textIn(mail: SeedMail): string {
  const parts = mail.textBody.filter(({ type }) => type.startsWith("text/"));
  return parts.map(({ partId }) => mail.bodyValues[partId ?? ""]?.value ?? "").join("\n");
}

function quoteOf(mail: SeedMail, kind: "reply" | "forward", { t, time }: Scene): Quote {
  const html = htmlIn(mail);
  const asHtml = (plain: string) => mailHtml(htmlOfText(plain));
  const body = html === null ? asHtml(textIn(mail)) : quotable(html);
  const text = html === null ? textIn(mail) : textIn(mail) || textOfHtml(html);
  const [sender] = mail.from ?? [];
  const date = mailTimeInFull(mail.sentAt ?? mail.receivedAt, time);
  if (kind === "reply") {
    const heading = t("compose.wrote", {
      date,
      name: sender === undefined ? t("list.noSender") : `${nameOf(sender)} <${sender.email}>`,
    });
    return {
      html: `${asHtml(heading)}<blockquote type="cite" style="${quoteStyle}">${body}</blockquote>`,
      text: `${heading}\n${quoted(text.trimEnd())}`,
    };
  }
  const people = (list: Email["to"]) => (list ?? []).map(addressText).join(", ");
  const lines = [
    t("compose.forwarded"),
    `${t("reading.from")}${t("compose.colon")}${people(mail.from)}`,
    `${t("reading.date")}${t("compose.colon")}${date}`,
    `${t("compose.subject")}${t("compose.colon")}${mail.subject ?? ""}`,
    `${t("reading.toLabel")}${t("compose.colon")}${people(mail.to)}`,
    ...(mail.cc?.length ? [`${t("reading.cc")}${t("compose.colon")}${people(mail.cc)}`] : []),
  ];
  const heading = lines.join("\n");
  return { html: `${asHtml(heading)}<br>${body}`, text: `${heading}\n\n${text}` };
}
