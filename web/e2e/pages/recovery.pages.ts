import { expect, expectAccessible, expectNoSideways, problem, shot, test } from "../support/pages";
import { session } from "../support/samples";

const looks = [
  { name: "zh-light-wide", locale: "zh-CN", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "en-dark-wide", locale: "en", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "zh-dark-phone", locale: "zh-CN", colorScheme: "dark", viewport: { width: 360, height: 740 } },
  { name: "en-light-phone", locale: "en", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

const mail = (number: number) => ({
  id: `m${number}`,
  removed_at: "2026-11-20T01:42:00Z",
  received_at: "2026-11-01T01:42:00Z",
  mailbox_id: "f1",
  subject: number % 3 === 0 ? "" : `关于第 ${number} 批设备验收与付款安排的通知，请各科室于本周五前反馈意见`,
  from:
    number % 4 === 0 ? [] : [{ name: number % 2 === 0 ? "任熙" : null, address: `renxi${number}@hospital.example` }],
  preview: "各科室负责人：现将验收清单发给大家，请核对设备编号、数量和存放地点，并在附件中签字确认后寄回设备科。",
  size_bytes: 48_000 * number,
});

for (const { name, ...use } of looks) {
  test.describe(name, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";

    test("mail that was deleted for good is found, brought back and erased", async ({ page, answer }) => {
      let left = Array.from({ length: 12 }, (_, index) => mail(index + 1));
      const asked: string[][] = [];
      const take = (body: unknown) => {
        const { ids } = body as { ids: string[] };
        asked.push(ids);
        left = left.filter(({ id }) => !ids.includes(id));
        return ids;
      };
      await answer({
        "GET /api/v1/session": { body: session() },
        "GET /api/v1/account/removed-messages": () => ({ body: { items: left, next: null } }),
        "POST /api/v1/account/removed-messages/restore": (body) => ({
          body: {
            restored: take(body).map((id) => ({ id, email_id: `${id}0` })),
            not_found: [],
            without_room: [],
          },
        }),
        "POST /api/v1/account/removed-messages/forget": (body) => ({ body: { forgotten: take(body) } }),
      });
      await page.goto("/account/recovery");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(zh ? "找回邮件" : "Recover mail");
      const boxes = page.getByRole("listitem").getByRole("checkbox");
      await expect(boxes).toHaveCount(12);
      const back = page.getByRole("button", { name: zh ? "找回" : "Bring back", exact: true });
      await expect(back).toBeDisabled();
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `recovery-${name}`);

      await boxes.nth(0).check();
      await boxes.nth(2).check();
      await back.click();
      await expect(page.getByText(zh ? "已找回 2 封邮件" : "2 messages are back")).toBeVisible();
      await expect(boxes).toHaveCount(10);

      await page.getByRole("checkbox", { name: zh ? /^已选/ : /chosen$/ }).check();
      await page.getByRole("button", { name: zh ? "立即清除" : "Erase now" }).click();
      const dialog = page.getByRole("dialog");
      await expect(dialog).toContainText(zh ? "立即清除 10 封邮件？" : "Erase 10 messages now?");
      await expectAccessible(page);
      await shot(page, `recovery-erase-${name}`, false);
      await dialog.getByRole("button", { name: zh ? "立即清除" : "Erase now" }).click();
      await expect(page.getByText(zh ? "没有可找回的邮件" : "Nothing to recover")).toBeVisible();
      expect(asked.map(({ length }) => length)).toEqual([2, 10]);
      await expectAccessible(page);
      await shot(page, `recovery-empty-${name}`);
    });
  });
}

test("a list that does not come says so", async ({ page, answer }) => {
  await answer({
    "GET /api/v1/session": { body: session() },
    "GET /api/v1/account/removed-messages": problem(500, "internal_error"),
  });
  await page.goto("/account/recovery");
  await expect(page.getByText("req_01hq8z6y3m")).toBeVisible();
  await expectAccessible(page);
});
