import { hugeMailbox, serveMailbox, usualMailbox } from "../support/mailbox";
import { expect, expectAccessible, expectNoSideways, shot, test } from "../support/pages";

const looks = [
  { name: "zh-light-wide", locale: "zh-CN", colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { name: "en-dark-wide", locale: "en", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "zh-dark-phone", locale: "zh-CN", colorScheme: "dark", viewport: { width: 360, height: 740 } },
  { name: "en-light-phone", locale: "en", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

for (const { name, ...use } of looks) {
  test.describe(name, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";

    test("list and reading", async ({ page }) => {
      const mail = usualMailbox();
      await serveMailbox(page, mail);
      await page.goto("/mail");
      await page.waitForURL("**/mail/inbox");
      const list = page.getByRole("list", { name: zh ? "收件箱中的邮件" : "Mail in Inbox" });
      await expect(list.getByRole("listitem").first()).toBeVisible();
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `mail-list-${name}`, false);
      await list.getByRole("link", { name: /排班的通知/ }).click();
      await expect(page.getByRole("heading", { level: 2, name: /排班/ })).toBeVisible();
      await expect(page.getByText("11月排班表.xlsx")).toBeVisible();
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `mail-reading-${name}`, false);
    });
  });
}

test.describe("many", () => {
  test.use({ locale: "zh-CN", viewport: { width: 1440, height: 900 } });
  test("a huge mailbox", async ({ page }) => {
    await serveMailbox(page, hugeMailbox());
    await page.goto("/mail/inbox");
    await expect(page.getByRole("listitem").nth(5)).toBeVisible();
    await shot(page, "mail-huge", false);
  });
});
