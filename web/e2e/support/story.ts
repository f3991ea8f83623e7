import { test as base, expect } from "@playwright/test";
import { Server } from "./server";

interface Fixtures {
  /** A server nobody has set up yet, for this test alone. */
  server: Server;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads the parameter's pattern.
  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach("server log", { body: server.log });
    await server.stop();
  },
  baseURL: async ({ server }, use) => use(server.url),
});

export { expect };
