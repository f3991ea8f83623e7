import { afterEach, expect, test, vi } from "vitest";
import { api, onSignedOut } from "./index";
import { ApiProblem } from "./problem";

function answer(status: number, body: unknown, type = "application/json") {
  const fetch = vi.fn(
    async (_request: Request) =>
      new Response(body === null ? null : JSON.stringify(body), { status, headers: { "content-type": type } }),
  );
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

afterEach(() => vi.unstubAllGlobals());

const failure = async (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (cause) => cause as ApiProblem,
  );

test("the token of the session goes with everything that changes something", async () => {
  answer(200, { stage: "full", csrf_token: "t0k3n" });
  await api.getSession();
  const fetch = answer(204, null);
  await api.signOut();
  expect(fetch.mock.calls[0]?.[0].headers.get("x-csrf-token")).toBe("t0k3n");
});

test("a problem keeps its code, its fields and the request to ask about", async () => {
  answer(
    422,
    {
      code: "value_too_long",
      params: { max: "8" },
      fields: [{ field: "nickname", code: "value_too_long", params: {} }],
      request_id: "req_1",
    },
    "application/problem+json",
  );
  const problem = await failure(api.updateAccount({ body: { nickname: "a long one" } }));
  expect(problem).toBeInstanceOf(ApiProblem);
  expect(problem).toMatchObject({ code: "value_too_long", status: 422, requestId: "req_1", params: { max: "8" } });
  expect(problem?.fields[0]?.field).toBe("nickname");
});

test("a page of a proxy and a dead network are told as what they are", async () => {
  answer(502, "<html>", "text/html");
  expect((await failure(api.getEntry()))?.code).toBe("server_unreachable");
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("fetch failed");
  });
  expect((await failure(api.getEntry()))?.code).toBe("network_unreachable");
});

test("pages hear when nobody is signed in any more", async () => {
  answer(401, { code: "not_signed_in" }, "application/problem+json");
  const listener = vi.fn();
  const stop = onSignedOut(listener);
  await failure(api.getAccount());
  stop();
  await failure(api.getAccount());
  expect(listener).toHaveBeenCalledTimes(1);
});

test("an address for links names path and query", () => {
  expect(api.getSignInPage.url({ path: { code: "康宁" } })).toBe("/api/v1/sign-in-pages/%E5%BA%B7%E5%AE%81");
  expect(api.getSetup.url({ query: { token: "a b" } })).toBe("/api/v1/setup?token=a+b");
});
