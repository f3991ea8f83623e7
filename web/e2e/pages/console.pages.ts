import type { Page } from "@playwright/test";
import {
  administrators,
  auditEvents,
  departments,
  domains,
  emptyOverview,
  importOf,
  importRow,
  importRows,
  job,
  manyDepartments,
  member,
  memberPage,
  onlooker,
  organisation,
  overview,
  owner,
  serviceClasses,
} from "../support/console-samples";
import {
  type Answers,
  expect,
  expectAccessible,
  expectApart,
  expectAtTheEdge,
  expectNoSideways,
  expectOneLineEach,
  expectWhole,
  problem,
  shot,
  test,
} from "../support/pages";
import { passwordVerdict, session } from "../support/samples";

const admin = "/api/v1/admin";
const whole = <T>(items: T[]) => ({ body: { items, next: null } });

const usual: Answers = {
  [`GET ${admin}/session`]: { body: owner },
  [`GET ${admin}/overview`]: { body: overview },
  [`GET ${admin}/departments`]: whole(departments),
  [`GET ${admin}/service-classes`]: whole(serviceClasses),
  [`GET ${admin}/domains`]: whole(domains),
  [`GET ${admin}/domains/dom_2`]: { body: domains[1] },
  [`GET ${admin}/organisation`]: { body: organisation },
  [`GET ${admin}/administrators`]: whole(administrators),
  [`GET ${admin}/audit`]: whole(auditEvents),
  [`GET ${admin}/jobs`]: whole([job()]),
  [`GET ${admin}/members/mbr_0`]: { body: member },
  [`GET ${admin}/members/mbr_0/aliases`]: whole([
    { address: "renxi2@example.test", kind: "primary", created_at: "2026-11-01T02:00:00Z" },
    { address: "ren.xi@example.test", kind: "alias", created_at: "2026-11-03T02:00:00Z" },
  ]),
};

/** Members of a list of any length; the page's questions are kept. */
async function answerMembers(page: Page, total: number) {
  const asked: URLSearchParams[] = [];
  await page.route(`**${admin}/members?**`, (route) => {
    const query = new URL(route.request().url()).searchParams;
    asked.push(query);
    return route.fulfill({ json: memberPage(total, query.get("cursor"), Number(query.get("limit") ?? 50)) });
  });
  return asked;
}

async function look(page: Page, name: string) {
  await shot(page, name, false);
  await expectAccessible(page);
  await expectNoSideways(page);
}

const looks = [
  { name: "zh-light-wide", locale: "zh-CN", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "en-dark-wide", locale: "en", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "zh-dark-phone", locale: "zh-CN", colorScheme: "dark", viewport: { width: 360, height: 740 } },
  { name: "en-light-phone", locale: "en", colorScheme: "light", viewport: { width: 360, height: 740 } },
] as const;

for (const { name, ...use } of looks) {
  test.describe(`console ${name}`, () => {
    test.use(use);
    const zh = use.locale === "zh-CN";
    const phone = use.viewport.width < 768;
    test.describe.configure({ timeout: 240_000 });
    const say = (chinese: string, english: string) => (zh ? chinese : english);

    test("signing in, with an initial password to replace", async ({ page, answer }) => {
      let signedIn = false;
      await answer({
        ...usual,
        [`GET ${admin}/session`]: () => (signedIn ? { body: owner } : problem(401, "not_signed_in")),
        [`POST ${admin}/session`]: { status: 201, body: { ...owner, stage: "choose_password" } },
        "POST /api/v1/password-check": passwordVerdict,
        [`POST ${admin}/session/password`]: () => {
          signedIn = true;
          return { body: owner };
        },
      });
      await answerMembers(page, 42);
      await page.goto("/admin/members?state=pending");
      await page.waitForURL("**/admin/login?**");
      await page.getByLabel(say("邮件地址", "Mail address")).fill("renxi2@example.test");
      await page.getByLabel(say("密码", "Password"), { exact: true }).fill("initial-secret");
      await look(page, `console-login-${name}`);
      await page.keyboard.press("Enter");
      await page.getByLabel(say("新密码", "New password"), { exact: true }).fill("Right-Horse-9");
      await page.getByLabel(say("再输入一遍", "New password again")).fill("Right-Horse-9");
      await look(page, `console-choose-${name}`);
      await page.getByRole("button", { name: say("设置密码并进入", "Set password and continue") }).click();
      await page.waitForURL("**/admin/members?state=pending");
      expect(session().stage).toBe("full");
    });

    test("overview, of a new organisation and of a busy one", async ({ page, answer }) => {
      let shown = emptyOverview;
      await answer({ ...usual, [`GET ${admin}/overview`]: () => ({ body: shown }), [`GET ${admin}/jobs`]: whole([]) });
      await page.goto("/admin");
      await expect(page.getByRole("heading", { name: say("先做这几件事", "First steps") })).toBeVisible();
      await look(page, `overview-empty-${name}`);
      await expectAtTheEdge(page, page.getByRole("button", { name: say("的账号菜单", "Account menu") }));
      shown = overview;
      await page.reload();
      await expect(page.getByText(say("47 人资料不完整", "47 profiles are incomplete"))).toBeVisible();
      await look(page, `overview-${name}`);
      await page
        .getByRole("listitem")
        .filter({ hasText: say("47 人资料不完整", "47 profiles are incomplete") })
        .getByRole("link")
        .click();
      await page.waitForURL("**/admin/members?incomplete=true");
    });

    test("members: tree, table, filters and one member, all of it in the link", async ({ page, answer }) => {
      await answer(usual);
      const asked = await answerMembers(page, 14_485);
      await page.goto("/admin/members?department=dep_heart");
      await expect(page.getByText(say("3 人未激活", "3 not activated"))).toBeVisible();
      await expect(page.getByRole("row").filter({ hasText: "卢嘉玲" }).first()).toBeVisible();
      await look(page, `members-${name}`);
      if (!phone) {
        await expectWhole(page.getByRole("gridcell", { name: /^189 / }).first());
        await expectWhole(page.getByRole("gridcell", { name: "member10", exact: true }));
        await expectWhole(page.getByRole("columnheader", { name: say("最近登录", "Last sign-in") }));
        await expectWhole(page.getByRole("gridcell", { name: say("未激活", "Not activated") }).first());
      }
      expect(asked.at(-1)?.get("include_subdepartments")).toBe("true");

      await page.keyboard.press("/");
      await page.keyboard.type("renx");
      await page.waitForURL("**q=renx**");
      await page
        .getByRole("button", { name: say("筛选", "Filters"), exact: false })
        .first()
        .click();
      await page.getByRole("checkbox", { name: say("只看资料不完整的", "Only incomplete profiles") }).check();
      await page.waitForURL("**incomplete=true**");
      await look(page, `members-filters-${name}`);
      await page.keyboard.press("Escape");
      expect(asked.at(-1)?.get("search")).toBe("renx");

      if (phone) {
        await page.getByRole("button", { name: say("部门", "Departments"), exact: true }).click();
        await expect(page.getByRole("treeitem", { name: /总院/ })).toBeVisible();
        await look(page, `members-tree-${name}`);
        await page.getByRole("treeitem", { name: /东院区/ }).click();
        await page.waitForURL("**department=dep_east**");
      }

      await page.goto("/admin/members?member=mbr_0");
      await expect(page.getByRole("dialog").getByText(say("（已使用 121.7 MB）", "(121.7 MB used)"))).toBeVisible();
      await look(page, `member-${name}`);
      for (const [tab, text] of [
        ["contact", say("昵称", "Nickname")],
        ["departments", say("主部门", "Main")],
        ["aliases", "ren.xi@example.test"],
        ["security", say("重置密码", "Reset password")],
        ["history", say("修改成员资料", "Member changed")],
      ] as const) {
        await page.goto(`/admin/members?member=mbr_0&tab=${tab}`);
        await expect(page.getByRole("dialog").getByText(text).first()).toBeVisible();
        await look(page, `member-${tab}-${name}`);
      }
    });

    test("mail of a member is recovered by the time of its removal", async ({ page, answer }) => {
      const asked: { removed_from: string; removed_until: string }[] = [];
      await answerMembers(page, 1);
      await answer({
        ...usual,
        [`POST ${admin}/members/mbr_0/restore-mail`]: (body) => {
          asked.push(body as (typeof asked)[number]);
          return asked.length === 1 ? problem(503, "store_unavailable") : { status: 202, body: { job: job() } };
        },
      });
      await page.goto("/admin/members?member=mbr_0");
      await page.getByRole("button", { name: say("找回邮件", "Recover mail") }).click();
      const dialogue = page.getByRole("dialog").last();
      await dialogue.getByText(say("最近 7 天", "the last 7 days")).click();
      await look(page, `member-restore-mail-${name}`);
      const start = dialogue.getByRole("button", { name: say("找回邮件", "Recover mail") });
      await start.click();
      await expect(dialogue.getByText("req_01hq8z6y3m")).toBeVisible();
      await look(page, `member-restore-mail-failed-${name}`);
      await start.click();
      await expect(page.getByText(say("已开始找回", "Recovery started"))).toBeVisible();
      const { removed_from, removed_until } = asked[1] ?? { removed_from: "", removed_until: "" };
      expect((Date.parse(removed_until) - Date.parse(removed_from)) / 3_600_000).toBeCloseTo(7 * 24 + 1);
    });

    test("adding a member, whose initial password is shown once", async ({ page, answer }) => {
      await answer({
        ...usual,
        [`POST ${admin}/members`]: (body) =>
          (body as { mobile: string }).mobile === "1390000"
            ? problem(422, "fields_invalid", [{ field: "mobile", code: "mobile_invalid" }])
            : {
                status: 201,
                body: {
                  member,
                  initial_password: "quxi-9f2k-mavo",
                  initial_password_expires_at: "2026-11-28T06:20:00Z",
                },
              },
      });
      await answerMembers(page, 0);
      await page.goto("/admin/members?department=dep_heart");
      await expect(page.getByText(say("这个部门还没有成员", "Nobody in this department yet"))).toBeVisible();
      await look(page, `members-empty-${name}`);
      await page
        .getByRole("button", { name: say("添加成员", "Add member") })
        .first()
        .click();
      const form = page.getByRole("dialog");
      await form.getByLabel(say("姓名", "Name"), { exact: true }).fill("任熙");
      await form.getByLabel(say("手机", "Mobile"), { exact: true }).fill("1390000");
      await form.getByLabel(say("邮箱前缀", "Mail prefix")).fill("RenXi2");
      await expect(form.getByLabel(say("邮箱前缀", "Mail prefix"))).toHaveValue("renxi2");
      await look(page, `member-add-${name}`);
      await form.getByRole("button", { name: say("添加成员", "Add member") }).click();
      await expect(form.getByLabel(say("手机", "Mobile"), { exact: true })).toHaveAttribute("aria-invalid", "true");
      await form.getByLabel(say("手机", "Mobile"), { exact: true }).fill("18976942196");
      await form.getByRole("button", { name: say("添加成员", "Add member") }).click();
      await expect(page.getByText("quxi-9f2k-mavo")).toBeVisible();
      await look(page, `member-added-${name}`);
      await expectOneLineEach(page.locator(".secret code"));
    });

    test("importing: the file, its plan, a mended cell, the report", async ({ page, answer }) => {
      let shown = importOf();
      await answer({
        ...usual,
        [`GET ${admin}/imports`]: whole([
          importOf(),
          importOf({ id: "imp_0", state: "undone", file_name: "护士名单.csv" }),
        ]),
        [`GET ${admin}/imports/imp_1`]: () => ({ body: shown }),
        [`GET ${admin}/imports/imp_1/rows`]: whole(importRows),
        [`GET ${admin}/jobs/job_1`]: { body: job() },
        [`PATCH ${admin}/imports/imp_1/rows/10`]: () => {
          shown = importOf({ summary: { ...shown.summary, create: 287, error: 10 } });
          return { body: importRow(10) };
        },
        [`POST ${admin}/imports/imp_1/apply`]: () => {
          shown = importOf({ state: "applying", job_id: "job_1" });
          return { status: 202, body: shown };
        },
      });
      await page.goto("/admin/imports");
      await expect(page.getByText("护士名单.csv").first()).toBeVisible();
      await look(page, `imports-${name}`);
      await expectApart(page.getByText("护士名单.csv").first(), page.getByText(say("已撤销", "Undone")).first());
      await page.getByRole("button", { name: say("导入成员", "Import members"), exact: true }).click();
      await page
        .getByLabel(say("选择文件", "Choose file"), { exact: true })
        .first()
        .setInputFiles({ name: "members.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("xlsx") });
      await look(page, `import-new-${name}`);
      await page.route(`**${admin}/imports`, (route) =>
        route.request().method() === "POST" ? route.fulfill({ status: 202, json: shown }) : route.fallback(),
      );
      await page.getByRole("button", { name: say("上传并检查", "Upload and check") }).click();
      await page.waitForURL("**/admin/imports/imp_1");

      await expect(page.getByRole("button", { name: say("导入 298 人", "Import 298 members") })).toBeEnabled();
      await look(page, `import-plan-${name}`);
      await expectOneLineEach(page.locator(".import-steps .ant-steps-item-title"));
      const cell = page.getByLabel(say("改正第 10 行的手机*", "Mend 手机* in row 10"));
      await cell.fill("13823252585");
      await cell.press("Enter");
      await expect(page.getByRole("button", { name: say("导入 299 人", "Import 299 members") })).toBeEnabled();
      await page.getByRole("button", { name: say("导入 299 人", "Import 299 members") }).click();
      await expect(page.getByText(say("已处理 120 / 298 行", "120 of 298 rows"), { exact: false })).toBeVisible();
      await look(page, `import-applying-${name}`);

      shown = importOf({
        state: "applied",
        rows_applied: 296,
        rows_failed: 2,
        passwords_available: true,
        applied_at: "2026-11-21T06:21:00Z",
      });
      await page.reload();
      await expect(page.getByText(say("已导入 296 人", "Imported 296 members"))).toBeVisible();
      await look(page, `import-report-${name}`);
      await page.getByRole("button", { name: say("下载初始密码", "Download initial passwords") }).click();
      await look(page, `import-passwords-${name}`);
    });

    test("domains, audit log, administrators and settings", async ({ page, answer }) => {
      await answer({
        ...usual,
        [`POST ${admin}/audit/verify`]: { body: { sealed: 1204, unsealed: 1, first_bad: null } },
      });
      for (const [path, heading] of [
        ["domains", say("域名与 DNS", "Domains & DNS")],
        ["domains/dom_2", "康宁.test"],
        ["administrators", say("管理员", "Administrators")],
        ["settings/organisation", say("组织", "Organisation")],
        ["settings/password-policy", say("密码策略", "Password policy")],
        ["settings/service-classes", say("服务等级", "Service classes")],
        ["audit", say("操作日志", "Audit log")],
      ] as const) {
        await page.goto(`/admin/${path}`);
        await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
        await page.waitForLoadState("networkidle");
        await look(page, `${path.replaceAll("/", "-")}-${name}`);
      }
      await page.getByRole("button", { name: say("校验完整性", "Verify") }).click();
      await expect(page.getByText(say("日志完整", "The log is whole"), { exact: false })).toBeVisible();
      await page.getByRole("row").filter({ hasText: "潘华" }).click();
      await expect(page.getByRole("dialog").getByText("+8618972870000")).toBeVisible();
      await look(page, `audit-event-${name}`);
    });
  });
}

test.describe("console in use", () => {
  test.use({ locale: "zh-CN", viewport: { width: 1280, height: 800 } });

  test("twenty thousand departments and a hundred thousand members, by keyboard", async ({ page, answer }) => {
    await answer({ ...usual, [`GET ${admin}/departments`]: whole(manyDepartments(20_000)) });
    const asked = await answerMembers(page, 100_000);
    await page.goto("/admin/members");
    const tree = page.getByRole("tree");
    await expect(tree.getByRole("treeitem").first()).toBeVisible();
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(80);
    await tree.getByRole("treeitem").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForURL("**department=dep_1");
    await shot(page, "members-huge", false);

    const grid = page.getByRole("grid", { name: "成员列表" });
    await grid.getByRole("row").nth(1).focus();
    await page.keyboard.press("End");
    await expect.poll(() => asked.some((query) => query.get("cursor") === "200")).toBe(true);
    await page.keyboard.press("x");
    await expect(page.getByText("已选 1 人")).toBeVisible();
    await page.getByRole("button", { name: "选择全部 100,000 人" }).click();
    await shot(page, "members-batch", false);
  });

  test("moving a department by dragging it, and taking it back", async ({ page, answer }) => {
    const moves: unknown[] = [];
    await answer({
      ...usual,
      [`POST ${admin}/departments/dep_community/move`]: (body) => {
        moves.push(body);
        return { body: departments[7] };
      },
    });
    await answerMembers(page, 10);
    await page.goto("/admin/members");
    await page
      .getByRole("treeitem", { name: /社区卫生服务中心/ })
      .dragTo(page.getByRole("treeitem", { name: /东院区/ }));
    await expect(page.getByText("已把“社区卫生服务中心”移到“东院区”下")).toBeVisible();
    await shot(page, "department-moved", false);
    await page.getByRole("button", { name: "撤销" }).click();
    await expect.poll(() => moves).toEqual([{ parent_id: "dep_east" }, { parent_id: "dep_root" }]);
  });

  test("a batch is previewed before it becomes a job", async ({ page, answer }) => {
    const sent: Array<{ preview: boolean }> = [];
    await answer({
      ...usual,
      [`POST ${admin}/members/batch`]: (body) => {
        sent.push(body as { preview: boolean });
        return { body: { matched: 2, job: null } };
      },
    });
    await answerMembers(page, 10);
    await page.goto("/admin/members?department=dep_heart");
    await page.getByRole("checkbox", { name: "选择 任熙" }).check();
    await page.getByRole("checkbox", { name: "选择 王丽" }).check();
    await page.getByRole("button", { name: "停用", exact: true }).click();
    const start = page.getByRole("button", { name: "停用 2 人" });
    await expect(start).toBeEnabled();
    await expectAccessible(page);
    await shot(page, "batch-preview", false);
    await start.click();
    await expect.poll(() => sent.at(-1)?.preview).toBe(false);
    expect(sent[0]?.preview).toBe(true);
  });

  test("what may not be used is not in the menu, what may only be seen is disabled with its reason", async ({
    page,
    answer,
  }) => {
    await answer({ ...usual, [`GET ${admin}/session`]: { body: onlooker } });
    await answerMembers(page, 10);
    await page.goto("/admin/members");
    const menu = page.getByRole("navigation", { name: "主导航" });
    await expect(menu.getByRole("link", { name: "成员与部门" })).toBeVisible();
    await expect(menu.getByRole("link", { name: "批量导入" })).toHaveCount(0);
    const add = page.getByRole("button", { name: "添加成员" });
    await expect(add).toBeDisabled();
    await expect(add).toHaveAccessibleDescription("需要“管理成员”权限");
    await shot(page, "onlooker", false);
  });

  test("an error says what, where and the request id; a refusal names the scope", async ({ page, answer }) => {
    await answer({
      ...usual,
      [`GET ${admin}/overview`]: problem(500, "internal_error"),
      [`GET ${admin}/audit`]: problem(403, "forbidden"),
    });
    await page.goto("/admin");
    await expect(page.getByText("req_01hq8z6y3m")).toBeVisible();
    await expectAccessible(page);
    await shot(page, "console-error", false);
    await page.goto("/admin/audit");
    await expect(page.getByText("你的管理范围是：康宁医疗集团", { exact: false })).toBeVisible();
    await shot(page, "console-forbidden", false);
  });

  test("an export is a job whose file is there when it is done", async ({ page, answer }) => {
    await answer({
      ...usual,
      [`POST ${admin}/exports`]: {
        status: 202,
        body: { job: job({ id: "job_9", kind: "export.members", import_id: null }) },
      },
      [`GET ${admin}/jobs/job_9`]: {
        body: job({ id: "job_9", kind: "export.members", import_id: null, state: "done", progress_done: 298 }),
      },
    });
    await answerMembers(page, 10);
    await page.goto("/admin/members");
    await page.getByRole("button", { name: "导出" }).click();
    await expectAccessible(page);
    await shot(page, "export", false);
    await page.getByRole("button", { name: "开始导出" }).click();
    await expect(page.getByRole("button", { name: "下载文件" })).toBeVisible();
    await shot(page, "export-job", false);
  });
});
