import { FakeMail } from "@yanshu/api/jmap/testing";
import { serveMailbox, usualMailbox } from "../support/mailbox";
import { expectAccessible, expectNoSideways, shot, test } from "../support/pages";

// Pictures take their time on a busy machine.
test.slow();

test.use({ locale: "zh-CN", viewport: { width: 1440, height: 900 } });
test("search, selection, moving, undo, help, folders, and what is shown when there is nothing or it failed", async ({
  page,
}) => {
  const mail = usualMailbox();
  await serveMailbox(page, mail);
  await page.goto("/mail/inbox?q=排班");
  await page.locator("mark").first().waitFor();
  await shot(page, "mail-search", false);
  await page.getByRole("listitem").getByText("关于").first().click();
  await page.goto("/mail/inbox");
  await page.getByRole("checkbox", { name: /排班的通知/ }).check();
  await page.getByRole("checkbox", { name: /报销/ }).check();
  await shot(page, "mail-selected", false);
  await expectAccessible(page);
  await page.getByRole("button", { name: "移动到…" }).first().click();
  await page.getByRole("dialog", { name: "移动到文件夹" }).waitFor();
  await shot(page, "mail-move", false);
  await page.keyboard.press("Escape");
  await page.getByRole("toolbar").getByRole("button", { name: "删除" }).click();
  await shot(page, "mail-undo", false);
  await page.keyboard.press("?");
  await page.getByText("快捷键与搜索").first().waitFor();
  await shot(page, "mail-help", false);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "新建文件夹" }).click();
  await page.getByRole("dialog").waitFor();
  await shot(page, "mail-folder", false);
  await page.keyboard.press("Escape");
  await page.goto("/mail/drafts");
  await page.getByRole("listitem").getByText("调班申请").waitFor();
  await shot(page, "mail-drafts", false);
  await page.goto("/mail/inbox/t900");
  await page.getByText("Dear Dr Ren").last().waitFor();
  await page.getByRole("button", { name: "详情" }).click();
  await shot(page, "mail-thread", false);
  await page.goto("/mail/archive");
  await page.getByText("没有归档的邮件").waitFor();
  await shot(page, "mail-empty", false);
  await page.goto("/mail/f99");
  await page.getByText("没有这个文件夹").waitFor();
  await shot(page, "mail-missing", false);
  mail.failing.set("Email/query", { type: "serverUnavailable" });
  await page.goto("/mail/inbox");
  await page.getByText("邮件没有载入").waitFor();
  await shot(page, "mail-failed", false);
  await expectAccessible(page);
});
test("one line a mail on a small screen, and high contrast", async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 720 });
  await serveMailbox(page, usualMailbox());
  await page.goto("/mail/inbox");
  await page.getByRole("listitem").getByText("报销").first().waitFor();
  await page.getByRole("button", { name: "列表选项" }).click();
  await page.getByRole("menuitem", { name: "一行显示" }).click();
  await page.getByRole("listitem").getByText("例会").first().click();
  await page.getByText("收到，谢谢").last().waitFor();
  await shot(page, "mail-medium", false);
  await expectNoSideways(page);
  await page.evaluate(() => localStorage.setItem("yanshu.theme", "contrast"));
  await page.reload();
  await page.getByRole("listitem").getByText("例会").first().waitFor();
  await shot(page, "mail-contrast", false);
  await expectAccessible(page);
});
test("a new account on a phone", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await serveMailbox(page, new FakeMail());
  await page.goto("/mail/inbox");
  await page.getByText("收件箱是空的").waitFor();
  await shot(page, "mail-phone-empty", false);
  await page.getByRole("button", { name: "打开导航" }).click();
  await page.getByRole("dialog").getByText("已发送").waitFor();
  await shot(page, "mail-phone-drawer", false);
  await expectAccessible(page);
});
test("mails are chosen and deleted on a phone", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await serveMailbox(page, usualMailbox());
  await page.goto("/mail/inbox?show=unread");
  await page.getByRole("listitem").getByText("排班").first().waitFor();
  await page.getByRole("button", { name: "列表选项" }).click();
  await page.getByRole("menuitem", { name: "选择列表中的邮件" }).click();
  await shot(page, "mail-phone-selecting", false);
  await expectAccessible(page);
  await page.getByRole("button", { name: "删除" }).click();
  await shot(page, "mail-phone-undo", false);
});
