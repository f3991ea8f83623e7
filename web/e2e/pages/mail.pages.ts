import { hugeMailbox, serveMailbox, textInFrame, usualMailbox } from "../support/mailbox";
import { expect, expectAccessible, expectNoSideways, shot, test } from "../support/pages";

// Pictures and two languages take their time on a busy machine.
test.slow();

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
      await expect(page.getByRole("heading", { name: /排班/ })).toBeVisible();
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
    await expect(page.getByRole("link", { name: /系统日报|排班/ }).first()).toBeVisible();
    await shot(page, "mail-huge", false);
  });
});

for (const { name, ...use } of looks) {
  test.describe(`writing ${name}`, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";
    const say = (inChinese: string, inEnglish: string) => (zh ? inChinese : inEnglish);

    test("a mail is written and sent", async ({ page }) => {
      const mail = usualMailbox();
      await serveMailbox(page, mail);
      await page.goto("/mail/inbox");
      await page.getByRole("listitem").getByText("财务处").first().waitFor();
      await page.keyboard.press("c");
      const window = page.getByRole("dialog");
      await expect(window.getByRole("textbox", { name: say("正文", "Text") })).toBeVisible();
      await page.keyboard.type("wangf");
      await expect(window.getByRole("option").first()).toBeVisible();
      await shot(page, `compose-completion-${name}`, false);
      await page.keyboard.press("Enter");
      await page.keyboard.type("nobody@, ");
      await window.getByLabel(say("主题", "Subject")).fill("排班");
      await window.getByRole("textbox", { name: say("正文", "Text") }).fill("您好，请见附件。");
      await window
        .locator("input[type=file][multiple]")
        .last()
        .setInputFiles([{ name: "排班表.xlsx", mimeType: "application/vnd.ms-excel", buffer: Buffer.alloc(2048) }]);
      await expect(window.getByText("排班表.xlsx")).toBeVisible();
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `compose-${name}`, false);
      await page.keyboard.press("Control+Enter");
      await expect(window.getByRole("alert")).toContainText("nobody@");
      await shot(page, `compose-wrong-${name}`, false);
      await window.getByRole("button", { name: say("移除 nobody", "Remove nobody") }).click();
      await page.keyboard.press("Control+Enter");
      await expect(page.locator(".notice").getByText(say("邮件已发送", "Mail sent"))).toBeVisible();
      await expect(window).toBeHidden();
      expect(mail.sent).toHaveLength(1);
    });

    test("an answer quotes what it answers", async ({ page }) => {
      await serveMailbox(page, usualMailbox());
      await page.goto("/mail/inbox");
      await page.getByRole("listitem").getByText("设备采购季报").first().click();
      await expect.poll(() => textInFrame(page)).toContain("便携式超声");
      await expectAccessible(page);
      await shot(page, `mail-html-${name}`, false);
      await page.getByRole("button", { name: say("显示图片", "Show pictures") }).click();
      await expect(page.getByRole("button", { name: say("显示图片", "Show pictures") })).toBeHidden();
      await page.getByRole("button", { name: say("转发", "Forward"), exact: true }).click();
      const window = page.getByRole("dialog");
      await expect(window.getByLabel(say("主题", "Subject"))).toHaveValue(/^Fwd: 设备采购季报/);
      await window.getByRole("button", { name: say("引用的原文", "Quoted mail") }).click();
      await expect(window.locator("iframe")).toBeVisible();
      await expectAccessible(page);
      await shot(page, `compose-forward-${name}`, false);
    });
  });
}

for (const { name, ...use } of looks) {
  test.describe(`contacts ${name}`, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";
    const say = (inChinese: string, inEnglish: string) => (zh ? inChinese : inEnglish);

    test("colleagues are found and written to", async ({ page }) => {
      await serveMailbox(page, usualMailbox());
      await page.goto("/contacts");
      const people = page.getByRole("list", { name: say("成员列表", "People") });
      await expect(people.getByText("欧阳娜娜")).toBeVisible();
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `contacts-${name}`, false);
      if (use.viewport.width < 800) {
        await page.getByRole("button", { name: say("选择部门", "Choose a department") }).click();
        await page.getByRole("treeitem", { name: "总院" }).click();
      } else {
        await page.getByRole("treeitem", { name: "总院" }).focus();
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("Enter");
      }
      await expect(people.getByText("张会计")).toBeHidden();
      await page.getByLabel(say("搜索通讯录", "Search contacts")).fill("王");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("“王”的搜索结果", "Results for “王”"));
      await expect(people.getByRole("listitem")).toHaveCount(2);
      await people.getByRole("checkbox", { name: /王芳/ }).check();
      await people.getByRole("checkbox", { name: /王丽/ }).check();
      await expectAccessible(page);
      await shot(page, `contacts-chosen-${name}`, false);
      await page.getByRole("button", { name: say("给所选的 2 人写邮件", "Write to 2 people") }).click();
      await expect(page.getByRole("dialog").getByRole("button", { name: /王丽/ }).first()).toBeVisible();
      await page.goto("/contacts?q=没有的人");
      await expect(page.getByText(say("没有找到人", "Nobody found"))).toBeVisible();
      await expectAccessible(page);
    });
  });
}
