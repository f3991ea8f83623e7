import { expect, it } from "vitest";
import { addressOf, domainOf, queueQuery, readQueueSearch, viewOf, withView } from "./queueSearch";

it("asks for what waits, unless something else is wanted", () => {
  expect(queueQuery({})).toMatchObject({ finished: false, state: undefined });
  expect(queueQuery({ view: "settled" })).toMatchObject({ finished: true });
  expect(queueQuery({ view: "all" })).toMatchObject({ finished: undefined });
});

it("looks everywhere for a state that what waits seldom has", () => {
  expect(queueQuery({ state: "failed" })).toMatchObject({ finished: undefined, state: "failed" });
  expect(queueQuery({ state: "queued" })).toMatchObject({ finished: false });
  expect(queueQuery({ state: "failed", view: "waiting" })).toMatchObject({ finished: false });
});

it("keeps the usual view out of the link", () => {
  expect(withView({ view: "all" }, "waiting")).toEqual({});
  expect(withView({ state: "failed" }, "all")).toEqual({ state: "failed" });
  expect(viewOf(withView({ state: "failed" }, "waiting"))).toBe("waiting");
});

it("drops what it does not know", () => {
  expect(readQueueSearch({ view: "yesterday", state: "lost", domain: "", sender: 1, nonsense: true })).toEqual({
    sender: "1",
  });
});

it("takes addresses as they are pasted", () => {
  expect(domainOf(" @elsewhere.test ")).toBe("elsewhere.test");
  expect(domainOf("李明 <li@elsewhere.test>")).toBe("elsewhere.test");
  expect(addressOf("任熙 <renxi@example.test>")).toBe("renxi@example.test");
  expect(addressOf(" renxi@example.test ")).toBe("renxi@example.test");
});
