import type { EmailAddress } from "@yanshu/api/jmap";

/** One recipient as typed: what could be read of it, and whether mail can be sent there. */
export interface Recipient extends EmailAddress {
  valid: boolean;
}

const separators = /[,;，；、\n\r\t]/;
const addressForm = /^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\.]+(\.[^\s@<>"(),:;[\]\\.]+)*$/u;

/** Whether mail can be sent to it; the server looks closer. */
export function isAddress(text: string): boolean {
  return text.length <= 320 && addressForm.test(text);
}

/** Reads what people type or paste: `任熙 <renxi@example.test>; "Li, Wei" <wei@example.test>，a@b.test`. */
export function parseRecipients(text: string): Recipient[] {
  return splitRecipients(text).map(readRecipient);
}

// A comma inside quotes or angle brackets belongs to the name or address.
function splitRecipients(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  let angled = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (!quoted && character === "<") angled = true;
    if (!quoted && character === ">") angled = false;
    if (!quoted && !angled && separators.test(character)) {
      parts.push(part);
      part = "";
    } else part += character;
  }
  parts.push(part);
  // Addresses that only blanks keep apart, as they come from spreadsheets.
  return parts
    .flatMap((one) => {
      const words = one.trim().split(/\s+/);
      return words.length > 1 && words.every(isAddress) ? words : [one.trim()];
    })
    .filter((one) => one !== "");
}

function readRecipient(text: string): Recipient {
  const withName = /^(.*?)<\s*([^<>]*?)\s*>?$/su.exec(text);
  const email = asciiAt(withName === null ? text : (withName[2] ?? ""));
  const name = withName === null ? "" : unquoted((withName[1] ?? "").trim());
  return { name: name === "" || name === email ? null : name, email, valid: isAddress(email) };
}

// Input methods write the sign full-width.
function asciiAt(text: string): string {
  return text.trim().replace("＠", "@");
}

function unquoted(name: string): string {
  return /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll(/\\(.)/g, "$1") : name;
}

/** As it is written in a header: `任熙 <renxi@example.test>`. */
export function addressText({ name, email }: EmailAddress): string {
  if (!name) return email;
  return /[,;<>"@()]/.test(name) ? `"${name.replaceAll(/["\\]/g, "\\$&")}" <${email}>` : `${name} <${email}>`;
}

/** What people call it: the name, or what stands before the @. */
export function nameOf({ name, email }: EmailAddress): string {
  return name?.trim() || email.split("@")[0] || email;
}

export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Each address once, the first spelling kept. */
export function withoutRepeats<A extends EmailAddress>(addresses: readonly A[]): A[] {
  const seen = new Set<string>();
  return addresses.filter(({ email }) => {
    const key = email.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
