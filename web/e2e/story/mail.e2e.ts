import type { Page } from "@playwright/test";
import { addMember, bodyOf, type Person, signIn } from "../support/member";
import { setUpOrganisation } from "../support/organisation";
import { expect, test } from "../support/story";

const ren: Person = { name: "任熙", prefix: "renxi" };
const wang: Person = { name: "王丽", prefix: "wangli" };

const list = (page: Page, folder = "收件箱") => page.getByRole("list", { name: `${folder}中的邮件` });
const row = (page: Page, subject: string | RegExp) => page.getByRole("listitem").filter({ hasText: subject });
const folder = (page: Page, name: RegExp) =>
  page.getByRole("navigation", { name: "文件夹" }).getByRole("link", { name });
const writing = (page: Page) => page.getByRole("dialog").last();
const notice = (page: Page) => page.locator(".notice");

test("two members write to each other", async ({ browser, request, server }) => {
  await setUpOrganisation(request, server, "zh-CN");
  await addMember(request, server, ren);
  await addMember(request, server, wang);
  const one = await signIn(browser, server, ren);
  const other = await signIn(browser, server, wang);

  await test.step("both begin with an empty inbox", async () => {
    for (const page of [one, other]) await expect(page.getByText("收件箱是空的")).toBeVisible();
  });

  await test.step("a mail with an attachment is written; its recipient is completed by pinyin", async () => {
    await one.keyboard.press("c");
    const mail = writing(one);
    await mail.getByLabel("收件人", { exact: true }).fill("wl");
    await expect(mail.getByRole("option", { name: /王丽/ })).toBeVisible();
    await one.keyboard.press("Enter");
    await mail.getByLabel("主题").fill("十一月排班安排");
    await mail.getByRole("textbox", { name: "正文" }).fill("请查收附件，周三之前回复。");
    await one.keyboard.press("Control+Enter");
    await expect(one.getByText("是不是忘了添加附件？").last()).toBeVisible();
    await one.getByRole("button", { name: "返回修改" }).click();
    await mail
      .locator("input[type=file]")
      .last()
      .setInputFiles({ name: "排班表.csv", mimeType: "text/csv", buffer: Buffer.from("工号,姓名\n1,任熙\n") });
    await expect(mail.getByRole("link", { name: "排班表.csv" })).toBeVisible();
    await expect(mail.getByText("已存为草稿")).toBeVisible();
    await expect(folder(one, /草稿箱.*1 封草稿/)).toBeVisible();
  });

  await test.step("it appears at the other as soon as it has left", async () => {
    await expect(row(other, "十一月排班安排")).toBeHidden();
    await one.keyboard.press("Escape");
    await one.getByRole("button", { name: "十一月排班安排" }).click();
    await writing(one).getByRole("button", { name: "发送", exact: true }).click();
    await expect(notice(one)).toContainText("邮件已发送");
    await expect(row(other, "十一月排班安排")).toBeVisible();
    await expect(folder(other, /收件箱.*1 封未读/)).toBeVisible();
    await expect(folder(one, /^草稿箱$/)).toBeVisible();
  });

  await test.step("it is read, with its attachment", async () => {
    await row(other, "十一月排班安排").getByRole("link").click();
    await expect(other).toHaveURL(/\/mail\/inbox\/t\d+/);
    await expect.poll(() => bodyOf(other)).toContain("周三之前回复");
    await other.getByRole("button", { name: "预览 排班表.csv" }).click();
    await expect(other.getByText("1,任熙")).toBeVisible();
    await other.keyboard.press("Escape");
    const download = other.waitForEvent("download");
    await other.getByRole("link", { name: "下载 排班表.csv" }).click();
    expect((await download).suggestedFilename()).toBe("排班表.csv");
    await expect(folder(other, /^收件箱$/)).toBeVisible();
  });

  await test.step("it is answered from the keyboard, and both see one thread", async () => {
    await other.keyboard.press("r");
    const mail = writing(other);
    await expect(mail.getByRole("textbox", { name: "正文" })).toBeFocused();
    await other.keyboard.type("收到，按此安排。");
    await expect(mail.getByLabel("主题")).toHaveValue("Re: 十一月排班安排");
    await other.keyboard.press("Control+Enter");
    await expect(notice(other)).toContainText("邮件已发送");
    await expect(row(one, "收到，按此安排")).toBeVisible();
    await row(one, "收到，按此安排").getByRole("link").click();
    await expect(one.getByText("2 封", { exact: true })).toBeVisible();
    await expect.poll(() => bodyOf(one)).toContain("收到，按此安排");
    await expect.poll(() => bodyOf(one)).toContain("任熙 <renxi@example.test> 写道");
  });

  await test.step("it is deleted and brought back", async () => {
    await other.keyboard.press("#");
    await expect(notice(other)).toContainText("已删除");
    await expect(row(other, "十一月排班安排")).toBeHidden();
    await notice(other).getByRole("button", { name: "撤销" }).click();
    await expect(row(other, "十一月排班安排")).toBeVisible();
  });

  await test.step("it is found by what it says in Chinese, and by its sender", async () => {
    await other.keyboard.press("/");
    await other.keyboard.type("周三");
    await other.keyboard.press("Enter");
    await expect(row(other, "十一月排班安排").first()).toBeVisible();
    await expect(other.locator("mark").first()).toHaveText("周三");
    await other.getByLabel("搜索邮件").fill("发件人:任熙 has:附件");
    await other.keyboard.press("Enter");
    await expect(other).toHaveURL(/q=/);
    await expect(row(other, "十一月排班安排")).toHaveCount(1);
    await other.getByLabel("搜索邮件").fill("没有这样的话");
    await other.keyboard.press("Enter");
    await expect(other.getByText("没有找到邮件")).toBeVisible();
    await other.getByRole("button", { name: "结束搜索" }).click();
  });

  await test.step("it is put into a folder with a Chinese name, and the folder goes with its mail", async () => {
    await other.getByRole("button", { name: "新建文件夹" }).click();
    await other.getByLabel("名称").fill("排班通知");
    await other.keyboard.press("Enter");
    await expect(folder(other, /排班通知/)).toBeVisible();
    await row(other, "十一月排班安排").dragTo(folder(other, /排班通知/));
    await expect(notice(other)).toContainText("已把 1 项移到“排班通知”");
    await folder(other, /排班通知/).click();
    await expect(list(other, "排班通知").getByRole("listitem")).toHaveCount(1);
    await other.getByRole("button", { name: "“排班通知”的操作" }).click();
    await other.getByRole("menuitem", { name: "删除文件夹" }).click();
    await other.getByRole("dialog").getByRole("button", { name: "删除文件夹" }).click();
    await expect(folder(other, /排班通知/)).toBeHidden();
    await folder(other, /已删除/).click();
    await expect(row(other, "十一月排班安排")).toBeVisible();
  });

  await test.step("a draft outlives the page", async () => {
    await one.keyboard.press("c");
    await writing(one).getByLabel("主题").fill("没写完的信");
    await one.reload();
    await expect(one.getByRole("button", { name: "没写完的信" })).toBeVisible();
    await one.getByRole("button", { name: "没写完的信" }).click();
    await writing(one).getByRole("button", { name: "保存并关闭" }).click();
    await folder(one, /草稿箱/).click();
    await row(one, "没写完的信").getByRole("link").click();
    await expect(writing(one).getByLabel("主题")).toHaveValue("没写完的信");
    await writing(one).getByRole("button", { name: "丢弃草稿" }).click();
    await expect(one.getByText("没有草稿")).toBeVisible();
  });

  await test.step("a colleague is looked up and written to", async () => {
    await one.getByRole("link", { name: "通讯录" }).click();
    await one.getByLabel("搜索通讯录").fill("wangli");
    await one.getByRole("button", { name: "给 王丽 写邮件" }).click();
    await expect(writing(one).getByRole("button", { name: /^修改 王丽/ })).toBeVisible();
    await writing(one).getByRole("button", { name: "保存并关闭" }).click();
  });

  await one.context().close();
  await other.context().close();
});

test("mail on a phone", async ({ browser, request, server }) => {
  await setUpOrganisation(request, server, "zh-CN");
  await addMember(request, server, ren);
  const page = await signIn(browser, server, ren, {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });

  await test.step("a mail to oneself is written on the whole screen", async () => {
    await page.getByRole("button", { name: "写邮件" }).click();
    const mail = writing(page);
    await mail.getByLabel("收件人", { exact: true }).fill("renxi@example.test");
    await page.keyboard.press("Enter");
    await mail.getByLabel("主题").fill("备忘");
    await mail.getByRole("textbox", { name: "正文" }).fill("买票");
    const box = await mail.boundingBox();
    expect(box).toMatchObject({ x: 0, width: 360 });
    await mail.getByRole("button", { name: "发送", exact: true }).click();
    // It leaves when it can no longer be undone.
    await expect(row(page, "备忘")).toBeVisible({ timeout: 15_000 });
  });

  await test.step("one pane at a time; the browser's way back leads to the list", async () => {
    await row(page, "备忘").getByRole("link").tap();
    await expect(page.getByRole("heading", { level: 1, name: "备忘" })).toBeVisible();
    await expect(list(page)).toBeHidden();
    await page.goBack();
    await expect(list(page)).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });

  await test.step("the folders are in the drawer", async () => {
    await page.getByRole("button", { name: "打开导航" }).click();
    await page
      .getByRole("dialog")
      .getByRole("link", { name: /已发送/ })
      .click();
    await expect(page.getByRole("heading", { level: 1, name: "已发送" })).toBeVisible();
    await expect(row(page, "备忘")).toBeVisible();
  });

  await page.context().close();
});
