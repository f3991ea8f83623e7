import { test as base, expect } from "@playwright/test";
import { MailSink } from "./mail-sink";
import { Server } from "./server";

interface Fixtures {
  /** Where mail to others goes. */
  sink: MailSink;
  /** A server nobody has set up yet, for this test alone. */
  server: Server;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads the parameter's pattern.
  sink: async ({}, use) => {
    const sink = await MailSink.start();
    await use(sink);
    sink.stop();
  },
  server: async ({ sink }, use, info) => {
    const server = await Server.start({
      YANSHU_OUTBOUND__SMART_HOST: `127.0.0.1:${sink.port}`,
      YANSHU_OUTBOUND__SMART_HOST_SECURITY: "none",
      YANSHU_OUTBOUND__ALLOWED_NETWORKS: '["127.0.0.0/8"]',
    });
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach("server log", { body: server.log });
    await server.stop();
  },
  baseURL: async ({ server }, use) => use(server.url),
});

export { expect };
