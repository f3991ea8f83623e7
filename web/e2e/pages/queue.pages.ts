import type { Page } from "@playwright/test";
import { job, onlooker, owner } from "../support/console-samples";
import { type Answers, expect, expectAccessible, expectNoSideways, problem, shot, test } from "../support/pages";
import { details, messagePage, messages, queueNow, recipient, removedDetails } from "../support/queue-samples";

const admin = "/api/v1/admin";
const whole = <T>(items: T[]) => ({ body: { items, next: null } });

const usual: Answers = {
  [`GET ${admin}/session`]: { body: owner },
  [`GET ${admin}/jobs`]: whole([job()]),
  [`GET ${admin}/queue`]: whole(messages),
  [`GET ${admin}/queue/sub_7`]: { body: details },
};

/** What the page asks the list for. */
function questions(page: Page) {
  const asked: URLSearchParams[] = [];
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === `${admin}/queue`) asked.push(searchParams);
  });
  return asked;
}

async function look(page: Page, name: string) {
  await shot(page, name, false);
  await expectAccessible(page);
  await expectNoSideways(page);
}

const looks = [
  { name: "zh-light-wide", locale: "zh-CN", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "en-dark-wide", locale: "en", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "zh-dark-phone", locale: "zh-CN", colorScheme: "dark", viewport: { width: 360, height: 740 } },
  { name: "en-light-phone", locale: "en", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

for (const { name, ...use } of looks) {
  test.describe(`queue ${name}`, () => {
    test.use(use);
    test.describe.configure({ timeout: 120_000 });
    const say = (chinese: string, english: string) => (use.locale === "zh-CN" ? chinese : english);

    test("what waits and why, one message with every recipient, and taking it out", async ({ page, answer }) => {
      let shown = details;
      await page.clock.setFixedTime(queueNow);
      await answer({ ...usual, [`GET ${admin}/queue/sub_7`]: () => ({ body: shown }) });
      const asked = questions(page);
      await page.goto("/admin/queue");
      await expect(page.getByRole("heading", { level: 1, name: say("发送队列", "Outbound queue") })).toBeVisible();
      const first = page.getByRole("row").filter({ hasText: "li.ming@elsewhere.test" }).first();
      await expect(first).toContainText(say("等待重试", "Retrying"));
      await expect(first).toContainText(say("5分钟后", "in 5 minutes"));
      await expect(first).toContainText("14:25");
      await expect(first).toContainText("451 4.7.1 Greylisting");
      expect(asked.at(-1)?.get("finished")).toBe("false");
      await look(page, `queue-${name}`);

      await first.click();
      const drawer = page.getByRole("dialog");
      await expect(drawer.getByRole("listitem")).toHaveCount(5);
      await expect(drawer.getByRole("listitem").first()).toContainText("li.ming@elsewhere.test");
      await expect(drawer).toContainText(say("收件地址不存在", "There is no such address"));
      await look(page, `queue-message-${name}`);

      const removals: string[] = [];
      await page.route(`**${admin}/queue/sub_7?**`, (route) => {
        removals.push(new URL(route.request().url()).search);
        shown = removedDetails;
        return route.fulfill({ status: 204 });
      });
      await drawer.getByRole("button", { name: say("移除邮件", "Remove message") }).click();
      const dialogue = page.getByRole("dialog").last();
      await expect(dialogue.getByRole("listitem")).toHaveCount(2);
      await expect(dialogue.getByRole("checkbox")).toBeChecked();
      await look(page, `queue-remove-${name}`);
      await dialogue.getByRole("checkbox").uncheck();
      await dialogue.getByRole("button", { name: say("移除邮件", "Remove message") }).click();
      await expect(page.getByText(say("已移除，不再发送", "Removed; it is not sent any more"))).toBeVisible();
      expect(removals).toEqual(["?notify_sender=false"]);
      const retry = drawer.getByRole("button", { name: say("立即重试", "Try now") });
      await expect(retry).toBeDisabled();
      await expect(retry).toHaveAccessibleDescription(say("已没有等待发送的收件人", "No recipient waits any more"));
      await look(page, `queue-removed-${name}`);
    });

    test("nothing waits, nothing matches, nothing can be shown", async ({ page, answer }) => {
      let list: { status?: number; body?: unknown } = whole([]);
      await answer({ ...usual, [`GET ${admin}/queue`]: () => list });
      await page.goto("/admin/queue");
      await expect(page.getByText(say("没有邮件在等待发送", "No mail is waiting"))).toBeVisible();
      await look(page, `queue-empty-${name}`);
      await page.goto("/admin/queue?domain=elsewhere.test&state=failed");
      await expect(page.getByText(say("没有符合条件的邮件", "No message matches"))).toBeVisible();
      await look(page, `queue-none-found-${name}`);
      list = problem(500, "internal_error");
      await page.reload();
      await expect(page.getByText("req_01hq8z6y3m")).toBeVisible();
      await look(page, `queue-error-${name}`);
      const words = await page
        .getByRole("alert")
        .getByText(say("请稍后再试", "Try again later"), { exact: false })
        .boundingBox();
      expect(words?.width, "words in a narrow column").toBeGreaterThan(200);
      list = problem(403, "forbidden");
      await page.reload();
      await expect(page.getByText(say("你的管理范围是：", "You look after: "), { exact: false })).toBeVisible();
      await expect(page.getByLabel(say("收件域名", "To domain"))).toHaveCount(0);
      await look(page, `queue-forbidden-${name}`);
    });
  });
}

test.describe("queue in use", () => {
  test.use({ locale: "zh-CN", viewport: { width: 1280, height: 800 } });

  test("filters are asked for when they are complete, and stand in the link", async ({ page, answer }) => {
    await answer(usual);
    const asked = questions(page);
    await page.goto("/admin/queue");
    await expect(page.getByRole("grid")).toBeVisible();
    await page.keyboard.press("/");
    await page.keyboard.type("李明 <li.ming@elsewhere.test>");
    expect(asked).toHaveLength(1);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/admin/queue?domain=elsewhere.test");
    await expect(page.getByLabel("收件域名")).toHaveValue("elsewhere.test");
    await page.getByLabel("发件人地址").fill(" renxi2@example.test ");
    await page.keyboard.press("Tab");
    await page.getByLabel("收件人状态").click();
    await page.getByTitle("超时未送达").click();
    await page.waitForURL("**state=expired**");
    await expect(page.getByRole("radio", { name: "全部" })).toBeChecked();
    await expect.poll(() => asked.at(-1)?.get("state")).toBe("expired");
    expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
      state: "expired",
      domain: "elsewhere.test",
      sender: "renxi2@example.test",
      limit: "100",
    });
    await shot(page, "queue-filters", false);
    await page.getByRole("button", { name: "清除筛选" }).click();
    await page.waitForURL("**/admin/queue");
    await expect(page.getByLabel("收件域名")).toHaveValue("");
    await page.getByText("已结束", { exact: true }).first().click();
    await page.waitForURL("**view=settled");
    await expect.poll(() => asked.at(-1)?.get("finished")).toBe("true");
  });

  test("a queue of thousands is walked by keyboard; focus comes back to the row", async ({ page, answer }) => {
    await answer({ ...usual, [`GET ${admin}/queue/sub_1`]: { body: { ...details, id: "sub_1" } } });
    await page.route(`**${admin}/queue?**`, (route) => {
      const query = new URL(route.request().url()).searchParams;
      return route.fulfill({ json: messagePage(3000, query.get("cursor"), Number(query.get("limit"))) });
    });
    const asked = questions(page);
    await page.goto("/admin/queue");
    const grid = page.getByRole("grid", { name: "发送队列" });
    await grid.getByRole("row").nth(1).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL("**message=sub_1");
    await expect(page.getByRole("dialog").getByText("li.ming@elsewhere.test")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(grid.getByRole("row").nth(2)).toBeFocused();
    await page.keyboard.press("End");
    await expect.poll(() => asked.some((query) => query.get("cursor") === "100")).toBe(true);
    expect(await grid.getByRole("row").count()).toBeLessThan(60);
  });

  test("hundreds of recipients are shown some at a time", async ({ page, answer }) => {
    const many = Array.from({ length: 512 }, (_, at) => recipient(`member${at}@elsewhere.test`));
    await answer({ ...usual, [`GET ${admin}/queue/sub_7`]: { body: { ...details, recipients: many } } });
    await page.goto("/admin/queue?message=sub_7");
    const drawer = page.getByRole("dialog");
    await expect(drawer.getByRole("listitem")).toHaveCount(50);
    await drawer.getByRole("button", { name: "显示更多（还有 462 个）" }).click();
    await expect(drawer.getByRole("listitem")).toHaveCount(250);
  });

  test("a message that has been cleared away is told as that", async ({ page, answer }) => {
    await answer({ ...usual, [`GET ${admin}/queue/sub_9`]: problem(404, "queue_message_not_found") });
    await page.goto("/admin/queue?message=sub_9");
    await expect(page.getByRole("dialog").getByText("发送队列中没有这封邮件，可能已被清理。")).toBeVisible();
    await shot(page, "queue-gone", false);
  });

  test("who may not manage the queue has no way to it", async ({ page, answer }) => {
    await answer({
      ...usual,
      [`GET ${admin}/session`]: { body: onlooker },
      [`GET ${admin}/queue`]: problem(403, "forbidden"),
    });
    await page.goto("/admin/queue");
    await expect(page.getByText("你的管理范围是：康宁医疗集团", { exact: false })).toBeVisible();
    const menu = page.getByRole("navigation", { name: "主导航" });
    await expect(menu.getByRole("link", { name: "成员与部门" })).toBeVisible();
    await expect(menu.getByRole("link", { name: "发送队列" })).toHaveCount(0);
  });
});
