import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setUpOrganisation } from "../support/organisation";
import { expect, test } from "../support/story";
import { workbookRows } from "../support/workbook";

interface Expected {
  summary: Record<"create" | "error", number>;
  rows: Record<
    string,
    { outcome: string; values?: Record<string, string>; errors?: { column: string; code: string }[] }
  >;
}
interface PlannedRow {
  row_number: number;
  outcome: string;
  values: Record<string, string>;
  errors: { column: string; code: string }[];
}

const samples = [
  { file: "members-hospital.xlsx", language: "zh-CN" },
  { file: "members-hospital-gbk.csv", language: "zh-CN" },
  { file: "members-hospital-en.csv", language: "en" },
] as const;

for (const { file, language } of samples) {
  test.describe(file, () => {
    test.use({ locale: language, viewport: { width: 1280, height: 1000 }, acceptDownloads: true });
    const say = (zh: string, en: string) => (language === "zh-CN" ? zh : en);
    const path = fileURLToPath(new URL(`../../../tests/samples/${file}`, import.meta.url));
    const expected = JSON.parse(readFileSync(`${path}.expected.json`, "utf8")) as Expected;
    const { create, error } = expected.summary;

    test(`is planned and imported through the console exactly as expected`, async ({ page, server }) => {
      await setUpOrganisation(page.request, server, language);

      await test.step("it is uploaded", async () => {
        await page.goto("/admin/imports/new");
        await page.locator("input[type=file]").setInputFiles(path);
        await page.getByRole("button", { name: say("上传并检查", "Upload and check") }).click();
      });

      const tiles = page.getByRole("group", { name: say("按结果筛选", "Filter by outcome") });
      await test.step("the tiles count its rows by outcome", async () => {
        await expect(tiles).toBeVisible({ timeout: 60_000 });
        const counts: [string, number][] = [
          [say("全部", "All"), create + error],
          [say("新建", "Create"), create],
          [say("更新", "Update"), 0],
          [say("冲突", "Conflict"), 0],
          [say("错误", "Error"), error],
        ];
        for (const [label, count] of counts) {
          await expect(tiles.getByRole("button", { name: `${label} ${count}`, exact: true })).toBeVisible();
        }
      });

      const importId = new URL(page.url()).pathname.split("/").at(-1);
      await test.step("every row has its outcome, values and errors", async () => {
        const answer = await page.request.get(`/api/v1/admin/imports/${importId}/rows?limit=500`);
        const { items } = (await answer.json()) as { items: PlannedRow[] };
        const planned = items.map(({ row_number, outcome, values, errors }) => {
          const named = Object.keys(expected.rows[row_number]?.values ?? {});
          return [
            row_number,
            {
              outcome,
              ...(outcome === "create" ? { values: Object.fromEntries(named.map((key) => [key, values[key]])) } : {}),
              ...(errors.length > 0 ? { errors: errors.map(({ column, code }) => ({ column, code })) } : {}),
            },
          ];
        });
        expect(Object.fromEntries(planned)).toEqual(expected.rows);
      });

      await test.step("each wrong row is shown with the error on its cell", async () => {
        const answer = await page.request.get(`/api/v1/admin/imports/${importId}`);
        const { layout } = (await answer.json()) as { layout: { columns: { key: string | null; heading: string }[] } };
        const heading = new Map(layout.columns.map((column) => [column.key, column.heading]));
        await tiles.getByRole("button", { name: say("错误", "Error") }).click();
        const grid = page.getByRole("grid");
        // The headings, and nothing but the wrong rows.
        await expect(grid).toHaveAttribute("aria-rowcount", String(1 + error));
        for (const [row, { errors = [] }] of Object.entries(expected.rows)) {
          for (const { column } of errors) {
            const name = say(`改正第 ${row} 行的${heading.get(column)}`, `Mend ${heading.get(column)} in row ${row}`);
            const cell = grid.getByRole("gridcell").filter({ has: page.getByRole("textbox", { name, exact: true }) });
            await expect(cell.getByRole("textbox")).toHaveAttribute("aria-invalid", "true");
            await expect(cell.getByRole("listitem")).toHaveText(/\S/);
          }
        }
      });

      await test.step("it is applied", async () => {
        await page.getByRole("button", { name: say(`导入 ${create} 人`, `Import ${create} members`) }).click();
        await expect(page.getByText(say(`已导入 ${create} 人`, `Imported ${create} members`))).toBeVisible({
          timeout: 120_000,
        });
      });

      await test.step("the wrong rows are downloaded to be mended", async () => {
        await page
          .getByRole("button", { name: say(`下载待改正的 ${error} 行`, `Download ${error} rows to mend`) })
          .click();
        const download = page.waitForEvent("download");
        await page.getByRole("menuitem", { name: ".xlsx" }).getByRole("link").click();
        const rows = workbookRows(await (await download).path());
        expect(rows.length - 1).toBe(error);
      });
    });
  });
}
