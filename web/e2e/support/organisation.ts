import { type APIRequestContext, expect } from "@playwright/test";
import type { Server } from "./server";

/** Sets up the organisation that owns example.test, as the set-up page does; whoever asked is signed in to the console. */
export async function setUpOrganisation(request: APIRequestContext, server: Server, language: "zh-CN" | "en") {
  const token = new URL(server.setUpLink).searchParams.get("token");
  const answer = await request.post(`${server.url}/api/v1/setup`, {
    headers: { Origin: server.url },
    data: {
      token,
      language,
      organisation_code: "kangning",
      organisation_name: "康宁医疗集团",
      domain: "example.test",
      administrator_name: "王芳",
      mail_prefix: "admin",
      password: "Stork-Paper-41",
      time_zone: "Asia/Shanghai",
    },
  });
  expect(answer.status(), await answer.text()).toBe(201);
}
