import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";

export const languages = ["zh-CN", "en"] as const;
export type Language = (typeof languages)[number];

type Texts = Record<string, unknown>;
/** Loads an app's own texts of a language; only the language in use is fetched. */
export type LoadTexts = (language: Language) => Promise<{ default: Texts }>;

const key = "yanshu.language";
let loadApp: LoadTexts | undefined;
let started = false;
/** What is only told to administrators is not sent to everybody. */
const errorsOfApp: LoadTexts[] = [
  (language) => (language === "zh-CN" ? import("../locales/errors/zh-CN.json") : import("../locales/errors/en.json")),
];
const later: { load: LoadTexts; loaded: Set<Language> }[] = [];

const loadUi: LoadTexts = (language) =>
  language === "zh-CN" ? import("../locales/zh-CN.json") : import("../locales/en.json");

const loadAdministrationErrors: LoadTexts = (language) =>
  language === "zh-CN"
    ? import("../locales/errors/administration/zh-CN.json")
    : import("../locales/errors/administration/en.json");

/** Starts texts in the language chosen on this device, else the browser's. Awaited before the first render. */
export async function startTexts(load: LoadTexts, forAdministrators = false): Promise<i18n> {
  loadApp = load;
  if (forAdministrators) errorsOfApp.push(loadAdministrationErrors);
  const language = storedLanguage() ?? browserLanguage();
  const texts = await textsOf(language);
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: texts } },
    fallbackLng: false,
    // React escapes; texts escaped twice would show entities in names.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    returnNull: false,
  });
  started = true;
  document.documentElement.lang = language;
  return i18next;
}

/** Adds texts of what is shown later, in every language that is chosen from now on. Resolves when the present one's are there. */
export async function addTexts(load: LoadTexts): Promise<void> {
  later.push({ load, loaded: new Set() });
  await loadLater(currentLanguage());
}

/** Changes the language at once and remembers it on this device. */
export async function chooseLanguage(language: Language) {
  remember(language);
  await switchTo(language);
}

export function currentLanguage(): Language {
  return asLanguage(i18next.language ?? "") ?? "zh-CN";
}

async function switchTo(language: Language) {
  if (!started || i18next.language === language) return;
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await textsOf(language));
  }
  await loadLater(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

async function loadLater(language: Language) {
  for (const { load, loaded } of later) {
    if (loaded.has(language)) continue;
    const texts = await load(language);
    i18next.addResourceBundle(language, "translation", texts.default, true, true);
    loaded.add(language);
  }
}

async function textsOf(language: Language): Promise<Texts> {
  const loadErrors = errorsOfApp.map((load) => load(language));
  const [app, ui, ...errors] = await Promise.all([loadApp?.(language), loadUi(language), ...loadErrors]);
  return { ...app?.default, ui: ui.default, errors: Object.assign({}, ...errors.map((texts) => texts.default)) };
}

function storedLanguage(): Language | null {
  try {
    return asLanguage(localStorage.getItem(key) ?? "");
  } catch {
    return null;
  }
}

function remember(language: Language) {
  try {
    localStorage.setItem(key, language);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function browserLanguage(): Language {
  for (const wanted of navigator.languages ?? [navigator.language]) {
    const known = asLanguage(wanted);
    if (known !== null) return known;
  }
  return "zh-CN";
}

function asLanguage(tag: string): Language | null {
  const lower = tag.toLowerCase();
  if (lower.startsWith("zh")) return "zh-CN";
  if (lower.startsWith("en")) return "en";
  return null;
}
