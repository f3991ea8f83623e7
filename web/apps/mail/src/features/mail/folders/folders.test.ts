// @vitest-environment node
import type { Mailbox } from "@yanshu/api/jmap";
import { expect, test } from "vitest";
import { type FolderNode, findFolder, folderTree, isWithin, nameProblem, slugOf } from "./folders";

const box = (id: string, name: string, more: Partial<Mailbox> = {}) =>
  ({ id, name, parentId: null, role: null, sortOrder: 0, ...more }) as Mailbox;

const mailboxes = [
  box("f9", "项目", { sortOrder: 5 }),
  box("f8", "财务"),
  box("f10", "2026", { parentId: "f9" }),
  box("f11", "十月", { parentId: "f10" }),
  box("f3", "Trash", { role: "trash" }),
  box("f1", "INBOX", { role: "inbox" }),
  box("f12", "2025", { parentId: "f9" }),
  box("f13", "孤儿", { parentId: "f99" }),
];

const shape = (nodes: FolderNode[]): unknown => nodes.map(({ mailbox, children }) => [mailbox.id, shape(children)]);

test("standard folders come first, the others in their order, and none is lost", () => {
  expect(shape(folderTree(mailboxes))).toEqual([
    ["f1", []],
    ["f3", []],
    ["f8", []],
    ["f13", []],
    [
      "f9",
      [
        ["f12", []],
        ["f10", [["f11", []]]],
      ],
    ],
  ]);
});

test("a folder is found by what stands in the address", () => {
  expect(mailboxes.map(slugOf)).toEqual(["f9", "f8", "f10", "f11", "trash", "inbox", "f12", "f13"]);
  expect(findFolder(mailboxes, "inbox")).toMatchObject({ mailbox: { id: "f1" } });
  expect(findFolder(mailboxes, "f1")).toMatchObject({ mailbox: { id: "f1" } });
  expect(findFolder(mailboxes, "starred")).toEqual({ kind: "starred" });
  expect(findFolder(mailboxes, "junk")).toBeUndefined();
});

test("a folder cannot go below itself", () => {
  expect(isWithin(mailboxes, "f11", "f9")).toBe(true);
  expect(isWithin(mailboxes, "f9", "f9")).toBe(true);
  expect(isWithin(mailboxes, "f9", "f11")).toBe(false);
});

test("a name is judged before it is sent", () => {
  expect(nameProblem(mailboxes, " ", null)).toBe("folders.problems.missing");
  expect(nameProblem(mailboxes, "a/b", null)).toBe("folders.problems.slash");
  expect(nameProblem(mailboxes, "长".repeat(86), null)).toBe("folders.problems.long");
  expect(nameProblem(mailboxes, "财务", null)).toBe("folders.problems.taken");
  expect(nameProblem(mailboxes, "财务", "f9")).toBeUndefined();
  expect(nameProblem(mailboxes, "财务", null, "f8")).toBeUndefined();
});
