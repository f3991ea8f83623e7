import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

/** The rows of a workbook's first sheet, each cell as text. Enough for the plain files that Yanshu writes. */
export function workbookRows(path: string): string[][] {
  const parts = unzip(readFileSync(path));
  const strings = [...(parts.get("xl/sharedStrings.xml") ?? "").matchAll(/<si>(.*?)<\/si>/gs)].map(([, item = ""]) =>
    texts(item),
  );
  const sheet = parts.get("xl/worksheets/sheet1.xml") ?? "";
  return [...sheet.matchAll(/<row\b[^>]*>(.*?)<\/row>/gs)].map(([, row = ""]) => {
    const cells: string[] = [];
    for (const [, attributes = "", content = ""] of row.matchAll(/<c\b([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const [, letters = "A"] = /r="([A-Z]+)\d+"/.exec(attributes) ?? [];
      const value = /<v>(.*?)<\/v>/s.exec(content)?.[1] ?? "";
      cells[columnIndex(letters)] = /t="s"/.test(attributes)
        ? (strings[Number(value)] ?? "")
        : /t="inlineStr"/.test(attributes)
          ? texts(content)
          : plain(value);
    }
    return Array.from(cells, (cell) => cell ?? "");
  });
}

function columnIndex(letters: string): number {
  return [...letters].reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function texts(xml: string): string {
  return [...xml.matchAll(/<t\b[^>]*>(.*?)<\/t>/gs)].map(([, text = ""]) => plain(text)).join("");
}

function plain(xml: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return xml.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? "");
}

// The central directory at the end of the file says where each part begins (APPNOTE 4.3.12).
function unzip(bytes: Buffer): Map<string, string> {
  const parts = new Map<string, string>();
  const end = bytes.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const start = bytes.readUInt32LE(at + 42);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const data = bytes.subarray(content, content + packed);
    parts.set(name, (method === 0 ? data : inflateRawSync(data)).toString("utf8"));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return parts;
}
