import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Download } from "@playwright/test";
import { expect, test } from "../support/story";
import { workbookRows } from "../support/workbook";

const sample = fileURLToPath(new URL("../../../tests/samples/members-hospital.xlsx", import.meta.url));
const expected = JSON.parse(readFileSync(`${sample}.expected.json`, "utf8")) as {
  summary: Record<string, number>;
  rows: Record<
    string,
    { outcome: string; values?: Record<string, string>; errors?: { column: string; code: string }[] }
  >;
};
const clients = fileURLToPath(new URL("../../../tests/clients/", import.meta.url));
const has = (program: string) => spawnSync(program, ["--version"]).error === undefined;
const password = { administrator: "Stork-Paper-41", member: "Heron-Window-82" };

async function saved(download: Promise<Download>): Promise<{ name: string; path: string }> {
  const file = await download;
  return { name: file.suggestedFilename(), path: await file.path() };
}

for (const language of ["zh-CN", "en"] as const) {
  test.describe(language, () => {
    test.use({ locale: language, viewport: { width: 1280, height: 800 }, acceptDownloads: true });
    const say = (zh: string, en: string) => (language === "zh-CN" ? zh : en);

    test("a spreadsheet of people becomes accounts that send and receive mail", async ({
      page,
      browser,
      server,
      sink,
    }) => {
      await test.step("the organisation is set up behind the printed link", async () => {
        await page.goto(server.setUpLink);
        await page
          .getByLabel(say("组织名称", "Organisation name"))
          .fill(say("康宁医疗集团", "Kangning Hospital Group"));
        await page.getByLabel(say("组织代码", "Organisation code")).fill("kangning");
        await page.keyboard.press("Enter");
        await page.getByLabel(say("域名", "Domain")).fill("example.test");
        await page.keyboard.press("Enter");
        await page.getByLabel(say("姓名", "Name"), { exact: true }).fill(say("王芳", "Fang Wang"));
        await page.getByLabel(say("邮箱前缀", "Mail prefix")).fill("admin");
        await page.keyboard.press("Enter");
        await page.getByLabel(say("密码", "Password"), { exact: true }).fill(password.administrator);
        await expect(page.locator("[data-met=false]")).toHaveCount(0);
        await page.getByRole("button", { name: say("创建组织", "Create organisation") }).click();
        await expect(page.getByText("admin@example.test")).toBeVisible();
        await page.getByRole("button", { name: say("进入管理后台", "Open the console") }).click();
        await page.waitForURL("**/admin");
      });

      await test.step("the link works only once", async () => {
        const other = await browser.newContext({ locale: language });
        const visitor = await other.newPage();
        await visitor.goto(server.setUpLink);
        await expect(visitor.getByRole("heading", { level: 1 })).toHaveText(
          say("设置链接已失效", "This set-up link no longer works"),
        );
        await other.close();
      });

      await test.step("departments are built", async () => {
        await page.getByRole("link", { name: say("成员与部门", "Members & departments") }).click();
        const tree = page.getByRole("navigation", { name: say("部门", "Departments"), exact: true });
        for (const name of ["总院", "内科"]) {
          await tree.getByRole("button", { name: say("添加部门", "Add department") }).click();
          const dialogue = page.getByRole("dialog");
          await dialogue.getByLabel(say("名称", "Name"), { exact: true }).fill(name);
          await dialogue.getByRole("button", { name: say("添加部门", "Add department") }).click();
          await expect(dialogue).toBeHidden();
          await expect(tree.getByRole("treeitem", { name: new RegExp(name) }).last()).toBeVisible();
        }
      });

      await test.step("the spreadsheet is uploaded and checked row by row", async () => {
        await page.getByRole("link", { name: say("批量导入", "Import"), exact: true }).click();
        await page
          .getByRole("button", { name: say("导入成员", "Import members") })
          .or(page.getByRole("link", { name: say("导入成员", "Import members") }))
          .first()
          .click();
        await page.locator("input[type=file]").setInputFiles(sample);
        await page.getByRole("button", { name: say("上传并检查", "Upload and check") }).click();
        const tiles = page.getByRole("group", { name: say("按结果筛选", "Filter by outcome") });
        await expect(tiles).toContainText(String(expected.summary.create), { timeout: 60_000 });
        const wrong = tiles.getByRole("button", { name: say("错误", "Error") });
        await expect(wrong).toContainText(String(expected.summary.error));
        await wrong.click();
        await expect(page.getByRole("grid").getByRole("row").nth(1)).toBeVisible();
      });

      const importId = new URL(page.url()).pathname.split("/").at(-1);
      await test.step("the plan is exactly the expected one", async () => {
        const answer = await page.request.get(`/api/v1/admin/imports/${importId}/rows?limit=500`);
        const { items } = (await answer.json()) as {
          items: { row_number: number; outcome: string; errors: { column: string; code: string }[] }[];
        };
        const planned = Object.fromEntries(
          items.map(({ row_number, outcome, errors }) => [
            String(row_number),
            { outcome, errors: errors.map(({ column, code }) => ({ column, code })) },
          ]),
        );
        const wanted = Object.fromEntries(
          Object.entries(expected.rows).map(([row, { outcome, errors = [] }]) => [row, { outcome, errors }]),
        );
        expect(planned).toEqual(wanted);
      });

      await test.step("it is applied", async () => {
        const count = expected.summary.create;
        await page.getByRole("button", { name: say(`导入 ${count} 人`, `Import ${count} members`) }).click();
        await expect(page.getByText(say(`已导入 ${count} 人`, `Imported ${count} members`))).toBeVisible({
          timeout: 120_000,
        });
      });

      await test.step("the wrong rows are downloaded to be mended", async () => {
        const wrong = expected.summary.error;
        await page
          .getByRole("button", { name: say(`下载待改正的 ${wrong} 行`, `Download ${wrong} rows to mend`) })
          .click();
        const download = page.waitForEvent("download");
        await page.getByRole("menuitem", { name: ".xlsx" }).getByRole("link").click();
        const rows = workbookRows((await saved(download)).path);
        expect(rows.length - 1).toBe(wrong);
      });

      const initials = await test.step("the initial passwords are downloaded, once", async () => {
        const take = page.getByRole("button", { name: say("下载初始密码", "Download initial passwords") });
        await take.click();
        const dialogue = page.getByRole("dialog");
        await dialogue.getByRole("checkbox").check();
        const download = page.waitForEvent("download");
        await dialogue.getByRole("button", { name: say("下载", "Download"), exact: true }).click();
        const rows = workbookRows((await saved(download)).path);
        await expect(take).toBeHidden();
        const column = rows[0]?.findIndex((cell) => /初始密码|initial password/i.test(cell)) ?? -1;
        const address = (cells: string[]) => cells.find((cell) => cell.endsWith("@example.test"));
        const found = new Map(rows.slice(1).map((cells) => [address(cells) ?? "", cells.at(column) ?? ""]));
        expect(found.get("renxi2@example.test"), "the file names the member").toBeDefined();
        return found;
      });
      const initial = initials.get("renxi2@example.test") ?? "";
      const colleague =
        [...initials.keys()].find((address) => address !== "" && address !== "renxi2@example.test") ?? "";

      await test.step("the member signs in on a phone and must choose a password", async () => {
        const phone = await browser.newContext({
          locale: language,
          baseURL: server.url,
          viewport: { width: 360, height: 740 },
          hasTouch: true,
        });
        const member = await phone.newPage();
        await member.goto("/");
        await member.getByLabel(say("邮件地址", "Mail address")).fill("renxi2@example.test");
        await member.getByLabel(say("密码", "Password"), { exact: true }).fill(initial);
        await member.getByRole("button", { name: say("登录", "Sign in"), exact: true }).click();
        const chosen = member.getByLabel(say("新密码", "New password"), { exact: true });
        await expect(chosen).toBeVisible();
        await member.goto("/account");
        await expect(chosen).toBeVisible();
        await chosen.fill("renxi2");
        await expect(member.locator("[data-met=false]").first()).toBeVisible();
        await chosen.fill(password.member);
        await expect(member.locator("[data-met=false]")).toHaveCount(0);
        await member.getByLabel(say("再输入一遍", "New password again")).fill(password.member);
        await member.getByRole("button", { name: say("设为新密码", "Save new password") }).click();
        await member.waitForURL("**/account");
        await expect(member.getByText("renxi2@example.test").first()).toBeVisible();
        await expect(member.getByText(/心血管内科/)).toBeVisible();

        await member.getByLabel(say("昵称", "Nickname")).fill("小熙");
        await member.getByRole("button", { name: say("保存资料", "Save profile") }).click();
        await expect(member.getByText(say("资料已保存", "Profile saved"))).toBeVisible();
        await member.goto("/account/security");
        await expect(member.getByText(say("当前设备", "This device"), { exact: true })).toBeVisible();
        await member.getByRole("button", { name: say("任熙的账号菜单", "Account menu of 任熙") }).click();
        await member.getByRole("menuitem", { name: say("退出登录", "Sign out") }).click();
        await member.waitForURL("**/login");

        // Now with the account name, on the organisation's own page.
        await member.getByRole("button", { name: say("企业账号登录", "Sign in with an enterprise account") }).click();
        await member.getByLabel(say("组织代码", "Organisation code")).fill("kangning");
        await member.keyboard.press("Enter");
        await member.getByLabel(say("帐号", "Account name")).fill("renxi2");
        await member.getByLabel(say("密码", "Password"), { exact: true }).fill(initial);
        await member.keyboard.press("Enter");
        await expect(member.getByRole("alert").first()).toBeVisible();
        await member.getByLabel(say("密码", "Password"), { exact: true }).fill(password.member);
        await member.keyboard.press("Enter");
        await member.waitForURL("**/mail/**");
        await phone.close();
      });

      const desk = await browser.newContext({
        locale: language,
        baseURL: server.url,
        viewport: { width: 1280, height: 800 },
      });
      const mail = await desk.newPage();
      const row = (subject: string) =>
        mail
          .getByRole("option", { name: new RegExp(subject) })
          .or(mail.getByRole("row", { name: new RegExp(subject) }))
          .or(mail.getByRole("link", { name: new RegExp(subject) }))
          .first();
      const write = async (to: string, subject: string, file?: string) => {
        await mail
          .getByRole("button", { name: say("写邮件", "Write mail") })
          .first()
          .click();
        const compose = mail.getByRole("dialog").last();
        await compose.getByLabel(say("收件人", "To"), { exact: true }).fill(to);
        await mail.keyboard.press("Enter");
        await compose.getByLabel(say("主题", "Subject"), { exact: true }).fill(subject);
        await compose
          .getByLabel(say("正文", "Text"), { exact: true })
          .fill(say("各位同事，请查收。", "Please see below."));
        if (file !== undefined) {
          await compose.locator("input[type=file]").first().setInputFiles(file);
          await expect(compose.getByText("排班表.csv")).toBeVisible();
        }
        await compose
          .getByRole("button", { name: say("发送", "Send"), exact: true })
          .first()
          .click();
        await expect(mail.getByText(say("邮件已发送", "Mail sent")).first()).toBeVisible();
        // It leaves when it can no longer be taken back.
        await mail.goto("/mail/scheduled");
        await expect(mail.getByText(say("没有等待发送的邮件", "Nothing is waiting to be sent"))).toBeVisible();
        await mail.goto("/mail/inbox");
      };
      const folder = mkdtempSync(join(tmpdir(), "yanshu-mail-"));
      const file = join(folder, "排班表.csv");
      writeFileSync(file, "工号,姓名\n1,任熙\n");

      await test.step("the member writes to a colleague, with an attachment", async () => {
        await mail.goto("/");
        await mail.getByLabel(say("邮件地址", "Mail address")).fill("renxi2@example.test");
        await mail.getByLabel(say("密码", "Password"), { exact: true }).fill(password.member);
        await mail.getByRole("button", { name: say("登录", "Sign in"), exact: true }).click();
        await mail.waitForURL("**/mail/**");
        await write(colleague, "十一月排班", file);
      });

      const made = JSON.parse(
        server.command("member", "add-client-password", colleague, "--org", "kangning", "--name", "test", "--json"),
      ) as { password: string };

      await test.step("the colleague reads it over IMAP, by mbsync and by imaplib", async () => {
        if (has("mbsync")) {
          const rc = join(folder, "mbsyncrc");
          const box = join(folder, "mail");
          execFileSync("mkdir", ["-p", box]);
          writeFileSync(
            rc,
            `IMAPAccount a\nHost 127.0.0.1\nPort ${server.mail.imap}\nUser ${colleague}\nPass ${made.password}\nSSLType None\nAuthMechs LOGIN\n\n` +
              `IMAPStore far\nAccount a\n\nMaildirStore near\nPath ${box}/\nInbox ${box}/INBOX\n\nChannel c\nFar :far:\nNear :near:\nCreate Near\nSyncState *\n`,
          );
          execFileSync("mbsync", ["-q", "-c", rc, "-a"]);
          const texts = readdirSync(join(box, "INBOX", "new")).map((name) =>
            readFileSync(join(box, "INBOX", "new", name), "utf8"),
          );
          expect(texts.some((text) => text.includes("renxi2@example.test") && /filename/.test(text))).toBe(true);
        } else test.info().annotations.push({ type: "skipped", description: "mbsync is not installed" });
        const session = ["imap_session.py", "127.0.0.1", String(server.mail.imap), colleague, made.password];
        expect(execFileSync("python3", [clients + session[0], ...session.slice(1)], { encoding: "utf8" })).toBe("ok\n");
      });

      await test.step("the reply by submission is seen in the webmail within a second", async () => {
        const reply = "回复：十一月排班";
        const send = [
          "127.0.0.1",
          String(server.mail.submission),
          colleague,
          made.password,
          "renxi2@example.test",
          reply,
          "收到，谢谢。",
          "starttls",
        ];
        execFileSync("python3", [`${clients}smtp_send.py`, ...send]);
        await expect(row(reply)).toBeVisible({ timeout: 1000 });
      });

      await test.step("mail comes in from outside once the domain is proven", async () => {
        server.command("domain", "assume-verified", "example.test", "--org", "kangning");
        if (!has("swaks")) {
          test.info().annotations.push({ type: "skipped", description: "swaks is not installed" });
          return;
        }
        const letter = [
          "--server",
          `127.0.0.1:${server.mail.smtp}`,
          "--helo",
          "elsewhere.test",
          "--from",
          "friend@elsewhere.test",
        ];
        execFileSync("swaks", [...letter, "--to", "renxi2@example.test", "--header", "Subject: from outside"]);
        await expect(row("from outside")).toBeVisible({ timeout: 1000 });
      });

      await test.step("mail goes out, signed", async () => {
        await write("friend@elsewhere.test", "greetings");
        await expect
          .poll(() => sink.messages.find((message) => message.includes("greetings")))
          .toContain("DKIM-Signature:");
        await desk.close();
        rmSync(folder, { recursive: true, force: true });
      });

      await test.step("the administrator finds the member and exports everybody", async () => {
        await page.getByRole("link", { name: say("成员与部门", "Members & departments") }).click();
        await page.getByLabel(say("搜索成员", "Search members")).fill("rx");
        await expect(page.getByRole("grid").getByText("任熙").first()).toBeVisible();
        await page.getByLabel(say("搜索成员", "Search members")).fill("");
        await page.getByRole("button", { name: say("导出", "Export"), exact: true }).click();
        const dialogue = page.getByRole("dialog");
        await dialogue.getByRole("button", { name: say("开始导出", "Start export") }).click();
        const take = dialogue.getByRole("button", { name: say("下载文件", "Download file") });
        await expect(take).toBeEnabled({ timeout: 60_000 });
        const download = page.waitForEvent("download");
        await take.click();
        const rows = workbookRows((await saved(download)).path);
        // Headings, everybody imported, and the administrator.
        expect(rows.length).toBe(1 + (expected.summary.create ?? 0) + 1);
      });
    });
  });
}
