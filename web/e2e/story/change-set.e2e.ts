import { setUpOrganisation } from "../support/organisation";
import { expect, test } from "../support/story";

test.use({ locale: "zh-CN", viewport: { width: 1280, height: 800 } });

test("a plan is mended in place, and a member's post changed afterwards", async ({ page, server }) => {
  await setUpOrganisation(page.request, server, "zh-CN");
  const grid = page.getByRole("grid");
  const row = (number: number) =>
    grid.getByRole("row").filter({ has: page.getByRole("gridcell", { name: String(number), exact: true }) });

  await test.step("a list in which row 71 repeats the number of row 70", async () => {
    const mobile = (at: number) => `138001380${String(at === 71 ? 70 : at).padStart(2, "0")}`;
    const lines = Array.from({ length: 79 }, (_, at) => `成员${at + 2},${mobile(at + 2)},m${at + 2},总院/内科,技师`);
    await page.goto("/admin/imports/new");
    await page.locator("input[type=file]").setInputFiles({
      name: "名单.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(["姓名,手机号码,邮箱前缀,部门,职务", ...lines].join("\n")),
    });
    await page.getByRole("button", { name: "上传并检查" }).click();
    await expect(page.getByRole("button", { name: "导入 78 人" })).toBeEnabled({ timeout: 60_000 });
  });

  await test.step("another number in row 70 frees row 71, and the table stays where it is", async () => {
    await grid.press("End");
    await expect(row(71)).toContainText("错误");
    await row(70)
      .getByRole("button", { name: /手机号码/ })
      .click();
    const cell = row(70).getByRole("textbox", { name: "改正第 70 行的手机号码" });
    await cell.fill("13900139000");
    const scrolled = () => grid.evaluate((element) => element.scrollTop);
    const before = await scrolled();
    expect(before).toBeGreaterThan(0);
    await cell.press("Enter");
    await expect(row(71)).toContainText("新建");
    await expect(row(71)).not.toContainText("错误");
    await expect(page.getByRole("button", { name: "导入 79 人" })).toBeEnabled();
    // One row is less high than it was while it was wrong.
    expect(Math.abs((await scrolled()) - before)).toBeLessThan(60);
  });

  await test.step("a row that is mended under a filter stays in sight, and brings in the rows it blocks", async () => {
    await row(70)
      .getByRole("button", { name: /手机号码/ })
      .click();
    const cell = row(70).getByRole("textbox", { name: "改正第 70 行的手机号码" });
    await cell.fill("13800138069");
    await cell.press("Enter");
    await expect(page.getByRole("button", { name: "导入 78 人" })).toBeEnabled();
    await page.getByRole("group", { name: "按结果筛选" }).getByRole("button", { name: "错误" }).click();
    await expect(grid).toHaveAttribute("aria-rowcount", "2");
    const wrong = row(70).getByRole("textbox", { name: "改正第 70 行的手机号码" });
    await wrong.fill("13900139000");
    await wrong.press("Enter");
    await expect(page.getByRole("button", { name: "导入 79 人" })).toBeEnabled();
    await expect(row(70)).toContainText("新建");
  });

  await test.step("it is applied", async () => {
    await page.getByRole("button", { name: "导入 79 人" }).click();
    await expect(page.getByText("已导入 79 人")).toBeVisible({ timeout: 120_000 });
  });

  await test.step("position and rank of a member's department are changed, and stay changed", async () => {
    await page.getByRole("link", { name: "成员与部门" }).click();
    await page.getByLabel("搜索成员").fill("成员70");
    await grid.getByText("成员70", { exact: true }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("tab", { name: "部门与职务" }).click();
    const position = drawer.getByRole("textbox", { name: "职务" });
    const rank = drawer.getByRole("textbox", { name: "职级" });
    await expect(position).toHaveValue("技师");
    await position.fill("主任技师");
    await rank.fill("正高");
    await drawer.getByRole("button", { name: "保存" }).click();
    await expect(page.getByText("已保存 成员70 的资料")).toBeVisible();
    await page.reload();
    await expect(position).toHaveValue("主任技师");
    await expect(rank).toHaveValue("正高");
    await rank.fill("");
    await drawer.getByRole("button", { name: "保存" }).click();
    await expect(drawer.getByRole("button", { name: "保存" })).toBeHidden();
    await page.reload();
    await expect(position).toHaveValue("主任技师");
    await expect(rank).toHaveValue("");
  });
});
