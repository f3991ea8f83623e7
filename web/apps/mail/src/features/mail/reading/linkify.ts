/** A piece of a plain text; with `href` when it is an address. */
export interface TextPiece {
  text: string;
  href?: string;
}

// Addresses end where Chinese text or its punctuation begins, with no blank between.
const address =
  /\b((?:https?:\/\/|www\.)[^\s<>"'`\u2000-\u206f\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]+)|([a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+)/giu;

/** The text with web and mail addresses recognised. */
export function linkify(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    const [whole, web] = match;
    const found = web === undefined ? whole : withoutTail(whole);
    const at = match.index;
    if (at < from || found.length < 5) continue;
    if (at > from) pieces.push({ text: text.slice(from, at) });
    const href = web === undefined ? `mailto:${found}` : found.startsWith("www.") ? `https://${found}` : found;
    pieces.push({ text: found, href });
    from = at + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

// A sentence's full stop and a bracket that was opened before belong to the text around.
function withoutTail(link: string): string {
  let end = link.length;
  for (;;) {
    const last = link[end - 1];
    if (last === undefined) return link;
    if (/[.,;:!?*_~]/.test(last)) end -= 1;
    else if (last === ")" && count(link.slice(0, end), ")") > count(link.slice(0, end), "(")) end -= 1;
    else if (last === "]" && count(link.slice(0, end), "]") > count(link.slice(0, end), "[")) end -= 1;
    else return link.slice(0, end);
  }
}

const count = (text: string, character: string) => text.split(character).length - 1;

/** A plain text and, apart, what it quotes at its end: mostly what the reader has read before. */
export function withoutQuote(text: string): { text: string; quote: string } {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  let end = lines.length;
  while (end > 0 && (lines[end - 1]?.trim() === "" || lines[end - 1]?.startsWith(">"))) end -= 1;
  const quoted = lines.slice(end).some((line) => line.startsWith(">"));
  if (!quoted) return { text: lines.join("\n"), quote: "" };
  // The line that tells who wrote it goes with it.
  const heading = lines[end - 1] ?? "";
  if (/[:：]\s*$/.test(heading) && heading.length < 300) end -= 1;
  if (lines.slice(0, end).every((line) => line.trim() === "")) return { text: lines.join("\n"), quote: "" };
  return { text: lines.slice(0, end).join("\n").trimEnd(), quote: lines.slice(end).join("\n").trim() };
}
