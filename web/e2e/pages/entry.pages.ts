import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectNoSideways, problem, shot, test } from "../support/pages";
import { passwordVerdict, session } from "../support/samples";

const signedOut = { "GET /api/v1/session": problem(401, "not_signed_in") };
const looks = [
  { name: "zh-light-wide", locale: "zh-CN", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "en-dark-wide", locale: "en", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "zh-dark-phone", locale: "zh-CN", colorScheme: "dark", viewport: { width: 360, height: 740 } },
  { name: "en-light-phone", locale: "en", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

async function look(page: Page, name: string) {
  await expectAccessible(page);
  await expectNoSideways(page);
  await shot(page, name);
}

for (const { name, ...use } of looks) {
  test.describe(name, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";

    test("signing in with a mail address, wrong and right", async ({ page, answer }) => {
      await answer({
        ...signedOut,
        "POST /api/v1/session": (body) =>
          (body as { password: string }).password === "right-Horse-9"
            ? { status: 201, body: session() }
            : problem(401, "sign_in_failed"),
      });
      await page.goto("/login?next=/account/security");
      const address = page.getByLabel(zh ? "邮件地址" : "Mail address");
      await expect(address).toBeFocused();
      await look(page, `login-${name}`);
      await page.getByRole("button", { name: zh ? "登录" : "Sign in", exact: true }).click();
      await expect(page.getByText(zh ? "请输入密码" : "Enter your password")).toBeVisible();
      await address.fill("renxi2@example.test");
      await page.getByLabel(zh ? "密码" : "Password", { exact: true }).fill("wrong");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("alert").first()).toBeVisible();
      await page.getByRole("button", { name: zh ? "忘记密码？" : "Forgotten your password?" }).click();
      await look(page, `login-refused-${name}`);
      await page.getByLabel(zh ? "密码" : "Password", { exact: true }).fill("right-Horse-9");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/account/security");
    });

    test("finding the organisation's own page by its code, which the device remembers", async ({ page, answer }) => {
      await answer({
        ...signedOut,
        "GET /api/v1/sign-in-pages/nobody": problem(404, "not_found"),
        "GET /api/v1/sign-in-pages/kangning": {
          body: { organisation_code: "kangning", organisation_name: "康宁医疗集团" },
        },
      });
      await page.goto("/login");
      await page.getByRole("button", { name: zh ? "企业账号登录" : "Sign in with an enterprise account" }).click();
      const code = page.getByLabel(zh ? "组织代码" : "Organisation code");
      await code.fill("nobody");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("alert").first()).toBeVisible();
      await look(page, `code-${name}`);
      await code.fill("kangning");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("heading", { name: "康宁医疗集团" })).toBeVisible();
      await look(page, `organisation-${name}`);
      await page.goto("/login");
      await page.getByRole("button", { name: zh ? "企业账号登录" : "Sign in with an enterprise account" }).click();
      await page.waitForURL("**/o/kangning");
      await page.goto("/o/nobody");
      await expect(page.getByRole("heading", { name: zh ? "没有这个组织" : "No such organisation" })).toBeVisible();
      await look(page, `organisation-unknown-${name}`);
    });

    test("choosing a password in place of the initial one, rule by rule", async ({ page, answer }) => {
      await answer({
        "GET /api/v1/session": { body: session("choose_password") },
        "POST /api/v1/password-check": passwordVerdict,
        "POST /api/v1/session/password": { body: session() },
      });
      await page.goto("/login");
      const field = page.getByLabel(zh ? "新密码" : "New password", { exact: true });
      await expect(field).toBeFocused();
      const rules = page.getByRole("list", { name: zh ? "密码要求" : "Password rules" });
      await expect(rules.getByRole("listitem")).toHaveCount(6);
      await field.pressSequentially("horse");
      await expect(rules.locator("[data-met=true]")).toHaveCount(3);
      await look(page, `choose-${name}`);
      await field.fill("Horse-Letter-9");
      await expect(rules.locator("[data-met=true]")).toHaveCount(6);
      await page.getByLabel(zh ? "再输入一遍" : "New password again").fill("Horse-Letter-9");
      await page.getByRole("button", { name: zh ? "设为新密码" : "Save new password" }).click();
      await page.waitForURL("**/mail/inbox");
    });

    test("setting up the first organisation", async ({ page, answer }) => {
      const sent: unknown[] = [];
      await answer({
        "GET /api/v1/setup": { body: { valid: true } },
        "POST /api/v1/password-check": passwordVerdict,
        "POST /api/v1/setup": (body) => {
          sent.push(body);
          return sent.length === 1
            ? problem(422, "organisation_code_invalid", [
                { field: "organisation_code", code: "value_too_long", params: { limit: "32" } },
              ])
            : { status: 201, body: session() };
        },
      });
      await page.goto("/setup?token=abc");
      await expect(page.getByLabel(zh ? "组织名称" : "Organisation name")).toBeFocused();
      await page.getByRole("button", { name: zh ? "下一步" : "Next" }).click();
      await look(page, `setup-1-${name}`);
      await page.getByLabel(zh ? "组织名称" : "Organisation name").fill("康宁医疗集团");
      await page.getByLabel(zh ? "组织代码" : "Organisation code").fill("kangning");
      await page.keyboard.press("Enter");
      await expect(page.getByLabel(zh ? "域名" : "Domain")).toBeFocused();
      await page.keyboard.type("example.test");
      await look(page, `setup-2-${name}`);
      await page.keyboard.press("Enter");
      await expect(page.getByLabel(zh ? "姓名" : "Name", { exact: true })).toBeFocused();
      await page.keyboard.type("王芳");
      await page.getByLabel(zh ? "邮箱前缀" : "Mail prefix").fill("wangfang");
      await look(page, `setup-3-${name}`);
      await page.keyboard.press("Enter");
      await expect(page.getByLabel(zh ? "密码" : "Password", { exact: true })).toBeFocused();
      await page.keyboard.type("Horse-Letter-9");
      await expect(page.locator("[data-met=true]")).toHaveCount(6);
      await look(page, `setup-4-${name}`);
      await page.keyboard.press("Enter");
      // The server's error brings the step of its field back.
      await expect(page.getByLabel(zh ? "组织代码" : "Organisation code")).toBeVisible();
      await look(page, `setup-error-${name}`);
      for (let step = 0; step < 3; step += 1) await page.getByRole("button", { name: zh ? "下一步" : "Next" }).click();
      await page.getByRole("button", { name: zh ? "创建组织" : "Create organisation" }).click();
      await expect(page.getByRole("heading", { name: zh ? "组织已创建" : "Your organisation is ready" })).toBeVisible();
      await look(page, `setup-done-${name}`);
      expect(sent).toHaveLength(2);
    });

    test("a used set-up link, and the bare address before set-up", async ({ page, answer }) => {
      await answer({
        "GET /api/v1/setup": { body: { valid: false } },
        "GET /api/v1/entry": { body: { version: "1", set_up: false, languages: ["zh-CN", "en"] } },
      });
      await page.goto("/setup?token=used");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(
        zh ? "设置链接已失效" : "This set-up link no longer works",
      );
      await look(page, `setup-dead-${name}`);
      await page.goto("/");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(
        zh ? "雁书还没有设置" : "Yanshu is not set up yet",
      );
      await look(page, `start-${name}`);
    });
  });
}

test.describe("the language", () => {
  test.use({ locale: "en" });
  test("changes at once and stays after loading anew", async ({ page, answer }) => {
    await answer(signedOut);
    await page.goto("/login");
    await page.getByRole("button", { name: "简体中文" }).click();
    await expect(page.getByRole("heading", { name: "登录" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
    await page.reload();
    await expect(page.getByRole("heading", { name: "登录" })).toBeVisible();
  });
});

test("a link to another site after signing in is not followed", async ({ page, answer }) => {
  await answer({ "GET /api/v1/session": { body: session() } });
  await page.goto("/login?next=//evil.test/account");
  await page.waitForURL((url) => url.pathname === "/mail/inbox");
  expect(new URL(page.url()).host).toMatch(/^127\.0\.0\.1/);
});
