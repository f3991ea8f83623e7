import type { BodyPart } from "@yanshu/api/jmap";

/** What can be looked at without leaving the page, and how. */
export type Preview = "picture" | "text" | "pdf";

const pictures = /^image\/(png|jpe?g|gif|webp|bmp|avif)$/i;
const texts = /^(text\/(plain|csv|markdown|x-log)|application\/json)$/i;
/** Larger texts are downloaded. */
const largestText = 1024 * 1024;
const largestPicture = 30 * 1024 * 1024;

/** Pictures and plain texts show nothing but what they are; anything that could act is only downloaded. */
export function previewOf(part: Pick<BodyPart, "type" | "name" | "size">): Preview | null {
  const type = knownType(part);
  if (pictures.test(type) && part.size <= largestPicture) return "picture";
  if (texts.test(type) && part.size <= largestText) return "text";
  if (type === "application/pdf") return "pdf";
  return null;
}

const typesByEnding: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  txt: "text/plain",
  log: "text/plain",
  csv: "text/csv",
  md: "text/markdown",
  json: "application/json",
  pdf: "application/pdf",
};

/** The type, or what the name's ending says where the sender's program did not know one. */
export function knownType({ type, name }: Pick<BodyPart, "type" | "name">): string {
  const told = type.toLowerCase();
  if (told !== "application/octet-stream" && told !== "") return told;
  return typesByEnding[endingOf(name)] ?? told;
}

export function endingOf(name: string | null): string {
  return /\.([^.\s]{1,8})$/.exec(name ?? "")?.[1]?.toLowerCase() ?? "";
}

/** Which icon stands for it. */
export function kindOf(
  part: Pick<BodyPart, "type" | "name">,
): "picture" | "pdf" | "sheet" | "document" | "slides" | "archive" | "mail" | "file" {
  const type = knownType(part);
  const ending = endingOf(part.name);
  if (type.startsWith("image/")) return "picture";
  if (type === "application/pdf") return "pdf";
  if (type === "message/rfc822" || ending === "eml") return "mail";
  if (/^(xlsx?|csv|ods|et)$/.test(ending)) return "sheet";
  if (/^(docx?|odt|wps|rtf)$/.test(ending)) return "document";
  if (/^(pptx?|odp|dps)$/.test(ending)) return "slides";
  if (/^(zip|rar|7z|gz|tar)$/.test(ending)) return "archive";
  return "file";
}
