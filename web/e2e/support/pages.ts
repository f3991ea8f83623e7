import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { serveBuiltPages } from "./built-pages";

export type Answers = Record<
  string,
  { status?: number; body?: unknown } | ((body: unknown) => { status?: number; body?: unknown })
>;

// What a failed answer leaves in the console: the browser's own line, and the router's; and that nothing runs in a mail's frame, not even
// the tools of tests.
const expected =
  /^(Failed to load resource|ApiProblem: |Blocked script execution in .* the document's frame is sandboxed)/;

interface Fixtures {
  /** Answers of the API: "GET /api/v1/entry" → body. A call that is not listed is answered with an error. */
  answer: (answers: Answers) => Promise<void>;
  /** What the page complained about in its console, without the answers that tests make fail. */
  complaints: string[];
}

export const test = base.extend<Fixtures, { built: { url: string } }>({
  built: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads the parameter's pattern.
    async ({}, use) => {
      const pages = await serveBuiltPages();
      await use(pages);
      await pages.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ built }, use) => use(built.url),
  answer: async ({ page }, use) => {
    await use(async (answers) => {
      await page.route("**/api/v1/**", async (route) => {
        const request = route.request();
        const wanted = answers[`${request.method()} ${new URL(request.url()).pathname}`];
        if (wanted === undefined) return route.fallback();
        const { status = 200, body } = typeof wanted === "function" ? wanted(request.postDataJSON()) : wanted;
        const contentType = status >= 400 ? "application/problem+json" : "application/json";
        return body === undefined
          ? route.fulfill({ status })
          : route.fulfill({ status, contentType, body: JSON.stringify(body) });
      });
    });
  },
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" && !expected.test(message.text())) {
          complaints.push(message.text());
        }
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await use(complaints);
      expect(complaints, "the page complained in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** No barrier that a machine can find: names, roles, contrast. */
export async function expectAccessible(page: Page) {
  // Nothing runs in the frame of a mail, not even this.
  const { violations } = await new AxeBuilder({ page }).exclude("iframe[sandbox]").analyze();
  expect(
    violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => `${node.target} ${node.failureSummary}`) })),
  ).toEqual([]);
}

/** Nothing reaches over the edge of the screen. */
export async function expectNoSideways(page: Page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, "the page scrolls sideways").toBeLessThanOrEqual(0);
}

/** The header reaches from one side of the window to the other. */
export async function expectAtTheEdge(page: Page, last: Locator) {
  const box = await last.boundingBox();
  const right = (box?.x ?? 0) + (box?.width ?? 0);
  expect(
    (await page.evaluate(() => window.innerWidth)) - right,
    "nothing but its margin is beside it",
  ).toBeLessThanOrEqual(24);
}

/** Two things beside each other, the first one left of the second. */
export async function expectApart(first: Locator, second: Locator) {
  const [left, right] = [await first.boundingBox(), await second.boundingBox()];
  expect((right?.x ?? 0) - (left?.x ?? 0) - (left?.width ?? 0), "they touch").toBeGreaterThanOrEqual(8);
}

/** What is shown is not cut off by its cell. */
export async function expectWhole(cell: Locator) {
  const cut = await cell.evaluate((node) => node.scrollWidth - node.clientWidth);
  expect(cut, `"${await cell.textContent()}" is cut off`).toBeLessThanOrEqual(0);
}

/** Words that are shown whole in one line each. */
export async function expectOneLineEach(words: Locator) {
  for (const word of await words.all()) {
    const lines = await word.evaluate(
      (node) => node.getBoundingClientRect().height / Number.parseFloat(getComputedStyle(node).lineHeight),
    );
    expect(lines, `"${await word.textContent()}" is broken`).toBeLessThan(1.5);
  }
}

/** A picture of the page, when SHOTS names a folder to put it in. */
export async function shot(page: Page, name: string, fullPage = true) {
  const folder = process.env.SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage });
}

export const problem = (
  status: number,
  code: string,
  fields: { field: string; code: string; params?: object }[] = [],
  params = {},
) => ({
  status,
  body: {
    type: `urn:yanshu:problem:${code}`,
    title: code,
    status,
    code,
    params,
    fields: fields.map((field) => ({ params: {}, ...field })),
    request_id: "req_01hq8z6y3m",
  },
});
