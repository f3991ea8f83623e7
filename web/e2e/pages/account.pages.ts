import { expect, expectAccessible, expectNoSideways, problem, shot, test } from "../support/pages";
import { account, passwordVerdict, session, sessions } from "../support/samples";

const looks = [
  { name: "zh-light-wide", locale: "zh-CN", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "en-dark-wide", locale: "en", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "zh-dark-phone", locale: "zh-CN", colorScheme: "dark", viewport: { width: 360, height: 740 } },
  { name: "en-light-phone", locale: "en", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

for (const { name, ...use } of looks) {
  test.describe(name, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";

    test("the member's own pages", async ({ page, answer }) => {
      let shown = sessions;
      await answer({
        "GET /api/v1/session": { body: session() },
        "GET /api/v1/account": { body: account },
        "PATCH /api/v1/account": (body) =>
          (body as { nickname: string }).nickname === "x"
            ? problem(422, "value_invalid", [{ field: "nickname", code: "value_invalid" }])
            : { body: { ...account, ...(body as object) } },
        "GET /api/v1/account/sessions": () => ({ body: shown }),
        "POST /api/v1/account/sessions/revoke-others": () => {
          shown = { ...sessions, items: sessions.items.slice(0, 1) };
          return { status: 204 };
        },
        "POST /api/v1/password-check": passwordVerdict,
        "PUT /api/v1/account/password": problem(422, "current_password_wrong", [
          { field: "current_password", code: "current_password_wrong" },
        ]),
      });
      await page.goto("/account");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(zh ? "个人资料" : "Profile");
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `profile-${name}`);
      const nickname = page.getByLabel(zh ? "昵称" : "Nickname");
      await nickname.fill("x");
      await page.getByRole("button", { name: zh ? "保存资料" : "Save profile" }).click();
      await expect(nickname).toHaveAttribute("aria-invalid", "true");
      await nickname.fill("小熙");
      await page.keyboard.press("Control+Enter");
      await expect(page.getByText(zh ? "资料已保存" : "Profile saved")).toBeVisible();

      await expect(nickname).not.toHaveAttribute("aria-invalid", "true");

      if (use.viewport.width < 800) {
        await page.getByRole("button", { name: zh ? "打开导航" : "Open navigation" }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectAccessible(page);
        await shot(page, `nav-${name}`, false);
      }
      await page.getByRole("link", { name: zh ? "密码与登录" : "Password & devices" }).click();
      await expect(page.getByText(zh ? "当前设备" : "This device")).toBeVisible();
      await page.getByLabel(zh ? "新密码" : "New password", { exact: true }).fill("letter");
      await expect(page.locator("[data-met=true]")).toHaveCount(3);
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `security-${name}`);
      await page.getByRole("button", { name: zh ? "退出其他全部设备" : "Sign out all other devices" }).click();
      await expect(
        page.getByText(zh ? "目前只在这台设备上登录。" : "You are signed in on this device only."),
      ).toBeVisible();

      await page.goto("/account/preferences");
      await page.getByText(zh ? "高对比" : "Contrast").click();
      await expect(page.locator("html")).toHaveAttribute("data-theme", "contrast");
      await expectAccessible(page);
      await expectNoSideways(page);
      await shot(page, `preferences-${name}`);
      await page.getByRole("button", { name: zh ? "任熙的账号菜单" : "Account menu of 任熙" }).click();
      await expect(page.getByRole("menuitem", { name: zh ? "退出登录" : "Sign out" })).toBeInViewport();
      await shot(page, `menu-${name}`, false);
    });
  });
}

test("without a session the way leads to signing in and back", async ({ page, answer }) => {
  await answer({ "GET /api/v1/session": problem(401, "not_signed_in") });
  await page.goto("/account/security");
  await page.waitForURL("**/login?next=%2Faccount%2Fsecurity");
});

test("a server that fails is told with the request to ask about", async ({ page, answer }) => {
  await answer({ "GET /api/v1/session": { body: session() }, "GET /api/v1/account": problem(500, "internal_error") });
  await page.goto("/account");
  await expect(page.getByText("req_01hq8z6y3m")).toBeVisible();
  await expectAccessible(page);
  await shot(page, "failed");
});
