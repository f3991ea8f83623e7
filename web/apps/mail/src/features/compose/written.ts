import { currentLanguage } from "@yanshu/ui";
import type { MailStore } from "../mail/store/mailStore";
import type { Draft } from "./draft";
import { mailHtml, textOfHtml, wholeHtml } from "./html";

/** The mail's text in both its forms, what it quotes included. */
export function write(draft: Draft) {
  const written = mailHtml(draft.html);
  const text = textOfHtml(draft.html);
  return {
    html: wholeHtml(written, draft.quote?.html ?? null),
    text: draft.quote === null ? text : `${text}\n\n${draft.quote.text}`.trim(),
  };
}

/** Where the pictures of a draft are shown from. */
export function addressOf(mail: MailStore, draft: Draft) {
  return (cid: string) => {
    const picture = draft.files.find((one) => one.cid === cid);
    return picture === undefined ? undefined : mail.client.downloadUrl(picture);
  };
}

/** What is quoted, as it will look; the frame runs nothing and asks for nothing but the mail's own pictures. */
export function quoteDocument(draft: Draft, mail: MailStore, font: string): string {
  const html = (draft.quote?.html ?? "").replaceAll(/src="cid:([^"]+)"/g, (_, cid: string) => {
    const address = addressOf(mail, draft)(cid);
    return address === undefined ? "" : `src="${address.replaceAll("&", "&amp;")}"`;
  });
  return `<!doctype html><html lang="${currentLanguage()}"><body style="margin:8px;font:14px/1.6 ${font.replaceAll('"', "'")};color:#1f2329;background:#ffffff;overflow-wrap:anywhere">${html}</body>`;
}
