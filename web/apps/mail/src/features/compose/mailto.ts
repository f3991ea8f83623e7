import { parseRecipients } from "../mail/parts/addresses";
import type { Seed } from "./seed";

/** What a `mailto:` link begins a mail with (RFC 6068): recipients, subject and text; anything else it asks for is left out. */
export function seedOfMailto(href: string): Seed {
  const [path = "", query = ""] = href.replace(/^mailto:/i, "").split("?");
  const fields = new URLSearchParams(query.replaceAll("+", "%2B"));
  const to = [decoded(path), ...fields.getAll("to")].join(",");
  return {
    kind: "new",
    to: parseRecipients(to)
      .filter(({ valid }) => valid)
      .map(({ name, email }) => ({ name, email })),
    subject: fields.get("subject") ?? "",
    text: fields.get("body") ?? "",
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
