import { type APIRequestContext, type Browser, expect, type Page } from "@playwright/test";
import type { Server } from "./server";

const password = "Heron-Window-82";
const initial = "First-Words-31";

export interface Person {
  name: string;
  prefix: string;
}

/** Adds a member with a mailbox, as an administrator does; `request` is signed in to the console. */
export async function addMember(request: APIRequestContext, server: Server, { name, prefix }: Person) {
  const session = await (await request.get(`${server.url}/api/v1/admin/session`)).json();
  const answer = await request.post(`${server.url}/api/v1/admin/members`, {
    headers: { Origin: server.url, "X-CSRF-Token": session.csrf_token },
    data: { name, mail_prefix: prefix, initial_password: initial },
  });
  expect(answer.status(), await answer.text()).toBe(201);
}

/** The member's first sign-in, on a page of their own; it ends in the inbox. */
export async function signIn(browser: Browser, server: Server, { prefix }: Person, more: object = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    baseURL: server.url,
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    acceptDownloads: true,
    ...more,
  });
  const page = await context.newPage();
  await page.goto("/");
  await page.getByLabel("邮件地址").fill(`${prefix}@example.test`);
  await page.getByLabel("密码", { exact: true }).fill(initial);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByLabel("新密码", { exact: true }).fill(password);
  await page.getByLabel("再输入一遍").fill(password);
  await page.getByRole("button", { name: "设为新密码" }).click();
  await page.waitForURL("**/mail/inbox");
  return page;
}

/** Puts a message into the member's inbox as it is, byte for byte; gives its thread. */
export async function importMail(page: Page, message: Buffer): Promise<string> {
  const { request } = page.context();
  const token = (await (await request.get("/api/v1/session")).json()).csrf_token as string;
  const origin = new URL(page.url()).origin;
  const headers = { Origin: origin, "X-CSRF-Token": token };
  const session = await (await request.get("/jmap/session")).json();
  const accountId = session.primaryAccounts["urn:ietf:params:jmap:mail"] as string;
  const uploaded = await request.post(`/jmap/upload/${accountId}/`, {
    headers: { ...headers, "Content-Type": "message/rfc822" },
    data: message,
  });
  const { blobId } = await uploaded.json();
  const call = async (methodCalls: unknown[]) => {
    const using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"];
    const answer = await request.post("/jmap", { headers, data: { using, methodCalls } });
    return (await answer.json()).methodResponses as [string, Record<string, never>, string][];
  };
  const [[, mailboxes] = ["", {}]] = await call([["Mailbox/get", { accountId, properties: ["role"] }, "0"]]);
  const inbox = (mailboxes as { list: { id: string; role: string }[] }).list.find(({ role }) => role === "inbox");
  const [[, imported] = ["", {}]] = await call([
    ["Email/import", { accountId, emails: { mail: { blobId, mailboxIds: { [inbox?.id ?? ""]: true } } } }, "0"],
  ]);
  const { mail } = (imported as { created: { mail: { threadId: string } } }).created;
  return mail.threadId;
}

/** What is shown of the open mails, text or framed; nothing runs in a mail's frame, so the page that holds it is asked. */
export function bodyOf(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".message-body")]
      .map((body) => {
        const frame = body.querySelector("iframe");
        return frame === null ? (body.textContent ?? "") : (frame.contentDocument?.body?.innerText ?? "");
      })
      .join("\n"),
  );
}
