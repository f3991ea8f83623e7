import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: process.env.E2E_RESULTS ?? "../test-results",
  fullyParallel: false,
  workers: 1,
  // A machine that does other work at the same time may stall a browser; a second try is told as "flaky".
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    timezoneId: "Asia/Shanghai",
    contextOptions: { reducedMotion: "reduce" },
    actionTimeout: 20_000,
    navigationTimeout: 20_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
  projects: [
    // Pages alone, before a server that answers as the test says.
    { name: "pages", testMatch: "pages/*.pages.ts" },
    // The whole product: the real server, started for the test.
    { name: "story", testMatch: "story/*.e2e.ts", timeout: 300_000, expect: { timeout: 30_000 } },
  ],
});
