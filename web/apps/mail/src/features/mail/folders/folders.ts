import type { Mailbox, MailboxRole } from "@yanshu/api/jmap";
import type { TFunction } from "i18next";

/** The folders that every account has, in the order they are shown. */
export const roles: readonly MailboxRole[] = ["inbox", "drafts", "sent", "archive", "junk", "trash"];

/** What a list can be of: a mailbox, or every mail with a star. */
export type Folder = { kind: "mailbox"; mailbox: Mailbox } | { kind: "starred" };

export const starredSlug = "starred";

export function roleOf(mailbox: Mailbox): MailboxRole | null {
  return roles.find((role) => role === mailbox.role) ?? null;
}

/** What stands for it in the page's address: the role of a standard folder, the id of any other. */
export function slugOf(mailbox: Mailbox): string {
  return roleOf(mailbox) ?? mailbox.id;
}

export function slugOfFolder(folder: Folder): string {
  return folder.kind === "starred" ? starredSlug : slugOf(folder.mailbox);
}

export function findFolder(mailboxes: readonly Mailbox[], slug: string): Folder | undefined {
  if (slug === starredSlug) return { kind: "starred" };
  const mailbox = mailboxes.find((one) => slugOf(one) === slug || one.id === slug);
  return mailbox && { kind: "mailbox", mailbox };
}

/** The name in the reader's language for a standard folder; its own for any other. */
export function nameOfMailbox(t: TFunction, mailbox: Mailbox): string {
  const role = roleOf(mailbox);
  return role === null ? mailbox.name : t(`folders.roles.${role}`);
}

export function nameOfFolder(t: TFunction, folder: Folder): string {
  return folder.kind === "starred" ? t("folders.starred") : nameOfMailbox(t, folder.mailbox);
}

export interface FolderNode {
  mailbox: Mailbox;
  children: FolderNode[];
}

/** The folders as a tree: standard ones in their order, then the others as the member ordered them, by name where they did not. */
export function folderTree(mailboxes: readonly Mailbox[]): FolderNode[] {
  const nodes = new Map(mailboxes.map((mailbox) => [mailbox.id, { mailbox, children: [] as FolderNode[] }]));
  const top: FolderNode[] = [];
  for (const node of nodes.values()) {
    const parent = node.mailbox.parentId === null ? undefined : nodes.get(node.mailbox.parentId);
    (parent?.children ?? top).push(node);
  }
  const sort = (level: FolderNode[]) => {
    level.sort((a, b) => compare(a.mailbox, b.mailbox));
    for (const node of level) sort(node.children);
  };
  sort(top);
  return top;
}

const collator = new Intl.Collator("zh-CN", { numeric: true });

function compare(a: Mailbox, b: Mailbox): number {
  return rank(a) - rank(b) || a.sortOrder - b.sortOrder || collator.compare(a.name, b.name);
}

function rank(mailbox: Mailbox): number {
  const role = roleOf(mailbox);
  return role === null ? roles.length : roles.indexOf(role);
}

/** The names from the top down to the mailbox. */
export function pathOf(t: TFunction, mailboxes: readonly Mailbox[], id: string): string[] {
  const byId = new Map(mailboxes.map((mailbox) => [mailbox.id, mailbox]));
  const path: string[] = [];
  let at = byId.get(id);
  while (at !== undefined && path.length <= byId.size) {
    path.unshift(nameOfMailbox(t, at));
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return path;
}

/** Whether `id` is `above` or stands somewhere below it. */
export function isWithin(mailboxes: readonly Mailbox[], id: string, above: string): boolean {
  const parents = new Map(mailboxes.map((mailbox) => [mailbox.id, mailbox.parentId]));
  let at: string | null | undefined = id;
  for (let steps = 0; at && steps <= parents.size; steps += 1) {
    if (at === above) return true;
    at = parents.get(at);
  }
  return false;
}

/** Why a folder cannot be called so, as a text's key; undefined when it can. The server looks closer. */
export function nameProblem(
  mailboxes: readonly Mailbox[],
  name: string,
  parentId: string | null,
  own?: string,
): string | undefined {
  const wanted = name.trim().normalize("NFC");
  if (wanted === "") return "folders.problems.missing";
  if (wanted.includes("/")) return "folders.problems.slash";
  if (new TextEncoder().encode(wanted).length > 255) return "folders.problems.long";
  const twin = mailboxes.some(
    (one) => one.id !== own && one.parentId === parentId && one.name.toLowerCase() === wanted.toLowerCase(),
  );
  return twin ? "folders.problems.taken" : undefined;
}
