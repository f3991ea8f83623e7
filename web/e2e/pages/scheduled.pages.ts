import type { Page } from "@playwright/test";
import { serveMailbox, usualMailbox } from "../support/mailbox";
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
  test.describe(`sending later ${name}`, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";
    const say = (inChinese: string, inEnglish: string) => (zh ? inChinese : inEnglish);
    const window = (page: Page) => page.locator(".compose");
    const notice = (page: Page) => page.locator(".notice");

    async function write(page: Page, subject: string) {
      await page.keyboard.press("c");
      await expect(window(page).getByRole("textbox", { name: say("正文", "Text") })).toBeVisible();
      await page.keyboard.type("liuyang@example.test, ");
      await window(page).getByLabel(say("主题", "Subject")).fill(subject);
      await window(page)
        .getByRole("textbox", { name: say("正文", "Text") })
        .fill("您好，会议改到周四。");
    }

    test("sending is undone, and the mail is there to be written on", async ({ page }) => {
      const mail = usualMailbox();
      await serveMailbox(page, mail);
      await page.goto("/mail/inbox");
      await page.getByRole("listitem").getByText("财务处").first().waitFor();
      await write(page, "会议改期");
      await page.keyboard.press("Control+Enter");
      await expect(notice(page)).toContainText(say("邮件已发送", "Mail sent"));
      await expect(window(page)).toBeHidden();
      await shot(page, `undo-send-${name}`, false);
      await notice(page)
        .getByRole("button", { name: say("撤销", "Undo") })
        .click();
      await expect(window(page).getByLabel(say("主题", "Subject"))).toHaveValue("会议改期");
      expect(mail.sent).toHaveLength(0);
      expect(mail.submissions.map(({ undoStatus }) => undoStatus)).toEqual(["canceled"]);
    });

    test("a mail waits for its time, can be taken back and sent now", async ({ page }) => {
      const mail = usualMailbox();
      await serveMailbox(page, mail);
      await page.goto("/mail/inbox");
      await page.getByRole("listitem").getByText("财务处").first().waitFor();
      for (const subject of [
        "会议改期",
        "Minutes of the steering committee, with the decisions on the new outpatient building",
      ]) {
        await write(page, subject);
        await window(page)
          .getByRole("button", { name: say("定时发送", "Send later") })
          .click();
        const dialogue = page.getByRole("dialog", { name: say("什么时候发送？", "When should it be sent?") });
        await expect(dialogue.getByRole("button", { name: say("明天上午", "Tomorrow morning") })).toBeVisible();
        if (subject === "会议改期") {
          await expectAccessible(page);
          await expectNoSideways(page);
          await shot(page, `send-later-${name}`, false);
          await dialogue.getByLabel(say("其他时间", "Another time")).fill("2020-01-01T08:00");
          await dialogue.getByRole("button", { name: say("定时发送", "Send later") }).click();
          await expect(dialogue.getByRole("alert")).toBeVisible();
        }
        await dialogue.getByRole("button", { name: say("明天上午", "Tomorrow morning") }).click();
        await expect(notice(page)).toContainText(say("邮件将在", "The mail will be sent"));
        await expect(window(page)).toBeHidden();
      }
      expect(mail.submissions.every(({ undoStatus }) => undoStatus === "pending")).toBe(true);
      if (use.viewport.width < 800) await page.goto("/mail/scheduled");
      else
        await page
          .getByRole("navigation")
          .getByRole("link", { name: say("定时发送", "Scheduled") })
          .click();
      const list = page.getByRole("list", { name: say("等待发送的邮件", "Mail waiting to be sent") });
      await expect(list.getByRole("listitem")).toHaveCount(2);
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `scheduled-${name}`, false);

      await list.getByRole("button", { name: say("立即发送：会议改期", "Send now: 会议改期") }).click();
      await expect(list.getByRole("listitem")).toHaveCount(1);
      expect(mail.submissions.map(({ undoStatus }) => undoStatus)).toEqual(["canceled", "pending", "final"]);
      await list.getByRole("button", { name: say("取消发送", "Cancel sending") }).click();
      await expect(window(page).getByLabel(say("主题", "Subject"))).toHaveValue(/^Minutes/);
      await expect(page.getByText(say("没有等待发送的邮件", "Nothing is waiting to be sent"))).toBeVisible();
      await shot(page, `scheduled-none-${name}`, false);
    });
  });
}
