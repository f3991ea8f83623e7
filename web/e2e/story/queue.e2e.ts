import type { Page } from "@playwright/test";
import { addMember, bodyOf, type Person, signIn } from "../support/member";
import { setUpOrganisation } from "../support/organisation";
import { expect, test } from "../support/story";

const ren: Person = { name: "任熙", prefix: "renxi" };

async function send(page: Page, to: string, subject: string) {
  await page.keyboard.press("c");
  const mail = page.getByRole("dialog").last();
  await mail.getByLabel("收件人", { exact: true }).fill(to);
  await page.keyboard.press("Enter");
  await mail.getByLabel("主题").fill(subject);
  await mail.getByRole("textbox", { name: "正文" }).fill("请查收。");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".notice")).toContainText("邮件已发送");
}

test.use({ locale: "zh-CN", viewport: { width: 1280, height: 800 } });

test("mail that another server does not take for now is seen, tried again and removed", async ({
  browser,
  page,
  server,
  sink,
}) => {
  await setUpOrganisation(page.request, server, "zh-CN");
  // Only who has shown that a domain is theirs may write from it.
  server.command("domain", "assume-verified", "example.test", "--org", "kangning");
  await addMember(page.request, server, ren);
  const member = await signIn(browser, server, ren);

  await test.step("nothing waits", async () => {
    await page.goto("/admin");
    await page.getByRole("link", { name: "发送队列" }).click();
    await expect(page.getByText("没有邮件在等待发送")).toBeVisible();
  });

  const row = (address: string) => page.getByRole("grid").getByRole("row").filter({ hasText: address });
  const drawer = page.getByRole("dialog", { name: "队列中的邮件" });

  await test.step("a mail that is refused for now appears by itself, with the other server's answer", async () => {
    sink.refusal = "451 4.7.1 Greylisted, come back later";
    await send(member, "li@elsewhere.test", "检验报告");
    await expect(row("li@elsewhere.test")).toContainText("等待重试");
    await expect(row("li@elsewhere.test")).toContainText("对方服务器按其策略暂不接收");
    await expect(row("li@elsewhere.test")).toContainText("451 4.7.1 Greylisted, come back later");
    await expect(row("li@elsewhere.test")).toContainText("renxi@example.test");
    expect(sink.messages).toHaveLength(0);
    await send(member, "zhu@other.test", "采购清单");
    await expect(row("zhu@other.test")).toContainText("等待重试");
  });

  await test.step("filters find one of them", async () => {
    await page.getByLabel("收件域名").fill("other.test");
    await page.keyboard.press("Enter");
    await expect(row("zhu@other.test")).toBeVisible();
    await expect(row("li@elsewhere.test")).toHaveCount(0);
    await page.getByRole("button", { name: "清除筛选" }).click();
    await expect(row("li@elsewhere.test")).toBeVisible();
  });

  await test.step("it is tried at once, and delivered when the other server takes it", async () => {
    sink.refusal = undefined;
    await row("li@elsewhere.test").click();
    await expect(drawer.getByText("已试 1 次", { exact: false })).toBeVisible();
    await drawer.getByRole("button", { name: "立即重试" }).click();
    await expect(page.getByText("已安排立即重试")).toBeVisible();
    // Nothing is loaded anew: the page is told.
    await expect(drawer.getByText("已送达", { exact: true })).toBeVisible();
    await expect(drawer.getByText("对方服务器已收下")).toBeVisible();
    await expect(drawer.getByRole("button", { name: "立即重试" })).toBeDisabled();
    expect(sink.messages).toHaveLength(1);
    expect(sink.messages[0]).toContain("To: li@elsewhere.test");
    await page.keyboard.press("Escape");
    await expect(row("li@elsewhere.test")).toHaveCount(0);
  });

  await test.step("the other one is removed, and its sender is told", async () => {
    await row("zhu@other.test").focus();
    await page.keyboard.press("Enter");
    await drawer.getByRole("button", { name: "移除邮件" }).click();
    const dialogue = page.getByRole("dialog", { name: "从发送队列移除这封邮件？" });
    await expect(dialogue.getByText("zhu@other.test")).toBeVisible();
    await expect(dialogue.getByRole("checkbox", { name: "通知发件人 renxi@example.test" })).toBeChecked();
    await dialogue.getByRole("button", { name: "移除邮件" }).click();
    await expect(page.getByText("已移除，并通知了发件人")).toBeVisible();
    await expect(drawer.getByText("已移除", { exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByText("没有邮件在等待发送")).toBeVisible();
    expect(sink.messages).toHaveLength(1);
    const notice = member.getByRole("listitem").filter({ hasText: "邮件未能送达" });
    await notice.getByRole("link").first().click();
    await expect.poll(() => bodyOf(member)).toContain("zhu@other.test");
  });

  await test.step("both are among what is over, and in the audit log", async () => {
    await page.getByText("已结束", { exact: true }).click();
    await expect(row("li@elsewhere.test")).toContainText("已送达");
    await expect(row("zhu@other.test")).toContainText("已移除");
    await page.getByRole("link", { name: "操作日志" }).click();
    await expect(page.getByRole("grid").getByRole("row").filter({ hasText: "立即重试发送" })).toBeVisible();
    await expect(page.getByRole("grid").getByRole("row").filter({ hasText: "从发送队列移除邮件" })).toBeVisible();
  });

  await member.context().close();
});
