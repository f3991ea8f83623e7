import type { EmailFilter } from "@yanshu/api/jmap";
import { startOfDay } from "../parts/mailTime";

/** What a search asks for, read from what was typed. */
export interface Search {
  words: string[];
  from: string[];
  to: string[];
  subject: string[];
  attachment: boolean;
  unread: boolean | null;
  starred: boolean;
  /** Days, YYYY-MM-DD. */
  after: string | null;
  before: string | null;
}

type Operator = "from" | "to" | "subject" | "has" | "is" | "after" | "before";

// Each operator in both languages; the colon may be full-width.
const operators: Record<string, Operator> = {
  from: "from",
  发件人: "from",
  to: "to",
  收件人: "to",
  subject: "subject",
  主题: "subject",
  has: "has",
  is: "is",
  after: "after",
  晚于: "after",
  before: "before",
  早于: "before",
};

const states: Record<string, Partial<Search>> = {
  unread: { unread: true },
  未读: { unread: true },
  read: { unread: false },
  已读: { unread: false },
  starred: { starred: true },
  星标: { starred: true },
};

/** Longer searches narrow nothing further down for a person. */
const mostWords = 12;

/** Reads `from:任熙 subject:"排班 通知" has:attachment 会议`. What is no operator is a word to look for everywhere. */
export function parseSearch(text: string): Search {
  const search: Search = {
    words: [],
    from: [],
    to: [],
    subject: [],
    attachment: false,
    unread: null,
    starred: false,
    after: null,
    before: null,
  };
  for (const token of tokensOf(text).slice(0, mostWords)) take(search, token);
  return search;
}

interface Token {
  operator: Operator | null;
  value: string;
  raw: string;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  // An operator and its value, or a value alone; a value in quotes may hold blanks.
  for (const [raw, name, quotedValue, plainValue, quoted, plain] of text.matchAll(
    /([\p{L}]+)[:：](?:["“]([^"”]*)["”]?|(\S+))|["“]([^"”]*)["”]?|(\S+)/gu,
  )) {
    const operator = name === undefined ? undefined : operators[name.toLowerCase()];
    const value = (quotedValue ?? plainValue ?? quoted ?? plain ?? "").trim();
    if (name !== undefined && operator === undefined) tokens.push({ operator: null, value: raw, raw });
    else if (value !== "") tokens.push({ operator: operator ?? null, value, raw });
  }
  return tokens;
}

function take(search: Search, { operator, value, raw }: Token) {
  switch (operator) {
    case null:
      search.words.push(value);
      return;
    case "from":
    case "to":
    case "subject":
      search[operator].push(value);
      return;
    case "has":
      if (/^(attachments?|附件)$/i.test(value)) search.attachment = true;
      else search.words.push(raw);
      return;
    case "is": {
      const state = states[value.toLowerCase()];
      if (state === undefined) search.words.push(raw);
      else Object.assign(search, state);
      return;
    }
    case "after":
    case "before": {
      const day = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(value);
      if (day === null) search.words.push(raw);
      else search[operator] = `${day[1]}-${day[2]?.padStart(2, "0")}-${day[3]?.padStart(2, "0")}`;
    }
  }
}

export interface Place {
  /** Only in this mailbox. */
  mailboxId?: string | undefined;
  /** In all but these. */
  except?: string[] | undefined;
  /** The organisation's time zone; days begin there. */
  zone: string;
}

/** The filter that asks the server for it (RFC 8621 §4.4.1). */
export function filterOf(search: Search, { mailboxId, except = [], zone }: Place): EmailFilter {
  const conditions: EmailFilter[] = [];
  if (mailboxId !== undefined) conditions.push({ inMailbox: mailboxId });
  else if (except.length > 0) conditions.push({ inMailboxOtherThan: except });
  for (const text of search.words) conditions.push({ text });
  for (const from of search.from) conditions.push({ from });
  for (const to of search.to) conditions.push({ operator: "OR", conditions: [{ to }, { cc: to }] });
  for (const subject of search.subject) conditions.push({ subject });
  if (search.attachment) conditions.push({ hasAttachment: true });
  if (search.unread === true) conditions.push({ notKeyword: "$seen" });
  if (search.unread === false) conditions.push({ hasKeyword: "$seen" });
  if (search.starred) conditions.push({ hasKeyword: "$flagged" });
  if (search.after !== null) conditions.push({ after: startOfDay(search.after, zone) });
  if (search.before !== null) conditions.push({ before: startOfDay(search.before, zone) });
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined ? only : { operator: "AND", conditions };
}

/** A piece of a text, marked where it was found. */
export interface Piece {
  text: string;
  found: boolean;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'", nbsp: " " };

/** The pieces of a search snippet: text with `<mark>` around what was found and nothing else (RFC 8621 §5). */
export function piecesOf(snippet: string): Piece[] {
  const plain = (text: string) =>
    text.replace(/&(#x27|#39|amp|lt|gt|quot|nbsp);/gi, (_, name: string) => entities[name.toLowerCase()] ?? "");
  return snippet
    .split(/(<mark>.*?<\/mark>)/gs)
    .filter((part) => part !== "")
    .map((part) => {
      const marked = /^<mark>(.*)<\/mark>$/s.exec(part);
      return marked === null ? { text: plain(part), found: false } : { text: plain(marked[1] ?? ""), found: true };
    });
}
