import DOMPurify from "dompurify";

/** What a quoted mail may keep: how it looks, and nothing that acts or fetches. */
const kept = {
  ALLOWED_TAGS: (
    "a abbr address article b blockquote br caption center code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img " +
    "ins kbd li ol p pre q s section small span strike strong sub sup table tbody td tfoot th thead tr tt u ul"
  ).split(" "),
  ALLOWED_ATTR: (
    "align alt bgcolor border cellpadding cellspacing cite color cols colspan dir face height href hspace lang nowrap rowspan " +
    "rows size src start style title type valign vspace width"
  ).split(" "),
  ALLOWED_URI_REGEXP: /^(https?:|mailto:|tel:|cid:|#)/i,
  ALLOW_DATA_ATTR: false,
};

/** A mail's HTML, fit to be quoted: nothing in it runs, submits or styles what is around it. */
export function quotable(html: string): string {
  return DOMPurify.sanitize(html, kept).replaceAll(/(url|expression|image-set)\s*\(/gi, "none(");
}

const quoteClass = "yanshu-quote";
const textClass = "yanshu-text";

/** The whole of a mail: the text as it was written, and below it what it quotes. */
export function wholeHtml(written: string, quoteHtml: string | null): string {
  const quote = quoteHtml === null ? "" : `<div class="${quoteClass}">${quoteHtml}</div>`;
  return `<div class="${textClass}" style="font-size:15px;line-height:1.6">${written}</div>${quote}`;
}

/** A draft's HTML, taken apart again: what is not ours is the text as a whole. */
export function takenApart(html: string): { written: string; quoteHtml: string | null } {
  const page = new DOMParser().parseFromString(html, "text/html");
  const quote = [...page.body.children].find((child) => child.classList.contains(quoteClass));
  const text = [...page.body.children].find((child) => child.classList.contains(textClass));
  quote?.remove();
  return { written: (text ?? page.body).innerHTML, quoteHtml: quote === undefined ? null : quotable(quote.innerHTML) };
}

/** Editors write empty paragraphs that mail programs show without height, and paragraphs that each of them spaces as it likes. */
export function mailHtml(editorHtml: string): string {
  const page = new DOMParser().parseFromString(editorHtml, "text/html");
  for (const paragraph of page.querySelectorAll("p")) {
    paragraph.style.setProperty("margin", "0");
    if (paragraph.childNodes.length === 0) paragraph.append(page.createElement("br"));
  }
  for (const quote of page.querySelectorAll("blockquote")) quote.setAttribute("style", quoteStyle);
  for (const picture of page.querySelectorAll("img")) {
    const cid = picture.getAttribute("data-cid");
    if (cid !== null) picture.setAttribute("src", `cid:${cid}`);
    picture.removeAttribute("data-cid");
    picture.style.setProperty("max-width", "100%");
  }
  return page.body.innerHTML;
}

export const quoteStyle = "margin:0 0 0 4px;padding-left:12px;border-left:3px solid #c8ccd4";

/** Pictures of the mail show their bytes in the editor and know by which name the mail calls them. */
export function editorHtml(html: string, addressOf: (cid: string) => string | undefined): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const picture of page.querySelectorAll("img")) {
    const cid = /^cid:(.+)$/i.exec(picture.getAttribute("src") ?? "")?.[1];
    const address = cid === undefined ? undefined : addressOf(cid);
    if (cid === undefined || address === undefined) picture.remove();
    else {
      picture.setAttribute("src", address);
      picture.setAttribute("data-cid", cid);
    }
  }
  return page.body.innerHTML;
}

const blocks = /^(p|div|h[1-6]|tr|pre|table|ul|ol|section|article|address|dd|dt)$/i;

/** The words of a text in HTML, as those read them who take no HTML. */
export function textOfHtml(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  return textOf(page.body)
    .replaceAll("\u00a0", " ")
    .replaceAll(/[ \t]+\n/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

function textOf(node: Node): string {
  const out = { text: "" };
  for (const child of node.childNodes) write(child, out);
  return out.text;
}

interface Out {
  text: string;
}

function freshLine(out: Out) {
  if (out.text !== "" && !out.text.endsWith("\n")) out.text += "\n";
}

function write(node: Node, out: Out) {
  if (node.nodeType === Node.TEXT_NODE) {
    const text = (node.textContent ?? "").replaceAll(/[\r\n\t ]+/g, " ");
    out.text += out.text === "" || /[\n ]$/.test(out.text) ? text.replace(/^ /, "") : text;
    return;
  }
  if (!(node instanceof Element)) return;
  const name = node.tagName.toLowerCase();
  switch (name) {
    case "style":
    case "script":
    case "head":
    case "title":
      return;
    case "br":
      out.text += "\n";
      return;
    case "hr":
      freshLine(out);
      out.text += "----------\n";
      return;
    case "img":
      if (node.getAttribute("alt")) out.text += `[${node.getAttribute("alt")}]`;
      return;
    case "a":
      out.text += withAddress(textOf(node), node.getAttribute("href"));
      return;
    case "td":
    case "th":
      out.text += `${textOf(node).trim()}\t`;
      return;
    case "blockquote":
      freshLine(out);
      out.text += `${quoted(textOf(node).trim())}\n`;
      return;
    case "li":
      freshLine(out);
      out.text += `${markOf(node)} ${textOf(node).trim().replaceAll("\n", "\n  ")}\n`;
      return;
    default: {
      const isBlock = blocks.test(name);
      if (isBlock) freshLine(out);
      if (name === "p" && node.childNodes.length === 0) out.text += "\n";
      for (const child of node.childNodes) write(child, out);
      if (isBlock) freshLine(out);
    }
  }
}

function markOf(item: Element): string {
  if (item.parentElement?.tagName !== "OL") return "-";
  const items = [...item.parentElement.children].filter(({ tagName }) => tagName === "LI");
  return `${items.indexOf(item) + 1}.`;
}

function withAddress(text: string, href: string | null): string {
  if (href === null || !/^https?:/i.test(href) || href.replace(/\/$/, "") === text.trim().replace(/\/$/, ""))
    return text;
  return `${text} <${href}>`;
}

/** Each line with the mark of a quotation. */
export function quoted(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => (line.startsWith(">") ? `>${line}` : `> ${line}`.trimEnd()))
    .join("\n");
}

/** Plain text as HTML. */
export function htmlOfText(text: string): string {
  const escaped = (line: string) =>
    line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => `<p>${escaped(line).replaceAll(/ {2}/g, " &nbsp;")}</p>`)
    .join("");
}
