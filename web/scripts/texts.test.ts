// @vitest-environment node
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const web = fileURLToPath(new URL("..", import.meta.url));
type Texts = { [key: string]: string | Texts };

const read = (path: string): Texts => JSON.parse(readFileSync(join(web, path), "utf8"));

// A plural form belongs to the key without its ending; Chinese has one form, English two.
const plural = /_(zero|one|two|few|many|other)$/;

function keysOf(texts: Texts, prefix = ""): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === "string") keys.set(prefix + name.replace(plural, ""), value);
    else for (const [key, text] of keysOf(value, `${prefix}${name}.`)) keys.set(key, text);
  }
  return keys;
}

const places = [
  "packages/ui/src/locales",
  "packages/ui/src/locales/errors",
  "packages/ui/src/locales/errors/administration",
  "apps/entry/src/locales",
  "apps/mail/src/locales",
  "apps/mail/src/locales/later",
  "apps/console/src/locales",
];

describe.each(places)("%s", (place) => {
  const zh = keysOf(read(`${place}/zh-CN.json`));
  const en = keysOf(read(`${place}/en.json`));

  test("says the same things in both languages", () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
  });

  test("speaks of the same values in both languages", () => {
    const values = (text: string | undefined) =>
      [...new Set([...(text ?? "").matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name))].sort();
    const differing = [...zh.keys()].filter((key) => String(values(zh.get(key))) !== String(values(en.get(key))));
    // A count may be left out where a form is for exactly one.
    expect(differing.filter((key) => !values(zh.get(key)).includes("count"))).toEqual([]);
  });

  test("leaves no text empty", () => {
    for (const texts of [zh, en]) expect([...texts].filter(([, text]) => text.trim() === "")).toEqual([]);
  });
});

const apps = ["entry", "mail", "console"];
const ui = prefixed(keysOf(read("packages/ui/src/locales/zh-CN.json")), "ui.");
const errorsOf = (path: string) => prefixed(keysOf(read(`packages/ui/src/locales/errors/${path}.json`)), "errors.");
const errors = errorsOf("zh-CN");
const administrationErrors = errorsOf("administration/zh-CN");

describe.each(apps)("the code of %s", (app) => {
  const later = `apps/${app}/src/locales/later/zh-CN.json`;
  const own = [`apps/${app}/src/locales/zh-CN.json`, ...(existsSync(join(web, later)) ? [later] : [])];
  const told = app === "console" ? [...errors, ...administrationErrors] : errors;
  const known = new Set([...own.flatMap((path) => [...keysOf(read(path)).keys()]), ...ui, ...told]);
  test("uses no text that does not exist", () => {
    expect(unknownKeys(`apps/${app}/src`, known)).toEqual([]);
  });
});

test("the code of ui uses no text that does not exist", () => {
  expect(unknownKeys("packages/ui/src", new Set([...ui, ...errors]))).toEqual([]);
});

function prefixed(keys: Map<string, string>, prefix: string): string[] {
  return [...keys.keys()].map((key) => prefix + key);
}

/** Every t("…") whose key has no text; of t(`a.${b}.c`) some key must fit. */
function unknownKeys(folder: string, known: Set<string>): string[] {
  const unknown: string[] = [];
  for (const file of sourcesBelow(join(web, folder))) {
    const source = readFileSync(file, "utf8");
    for (const key of keysUsed(source)) {
      const fits = key.includes("${")
        ? [...known].some((each) => pattern(key).test(each))
        : known.has(key) || [...known].some((each) => each.startsWith(`${key}.`) && source.includes("returnObjects"));
      if (!fits) unknown.push(`${relative(web, file)}: ${key}`);
    }
  }
  return unknown;
}

function* keysUsed(source: string): Generator<string> {
  for (const [, , plain, template] of source.matchAll(/\b(t|i18next\.t)\(\s*\[?\s*(?:"([^"\n]+)"|`([^`\n]+)`)/g)) {
    yield (plain ?? template) as string;
  }
  for (const [, key] of source.matchAll(/\bi18nKey="([^"\n]+)"/g)) yield key as string;
}

function pattern(template: string): RegExp {
  const parts = template.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourcesBelow(path);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) ? [path] : [];
  });
}
