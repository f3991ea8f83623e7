import { expect, it } from "vitest";
import { answerLine, answerReason } from "./queueAnswers";

const reason = (status: string, host: string | null = "mx.elsewhere.test", code: number | null = 450) =>
  answerReason({ status, host, code });

it("tells a refusal for now from one for good", () => {
  expect(reason("4.7.1")).toBe("notByPolicy");
  expect(reason("5.7.1", undefined, 550)).toBe("policy");
  expect(reason("4.0.0")).toBe("notNow");
  expect(reason("5.0.0", undefined, 554)).toBe("refused");
  expect(reason("5.1.1", undefined, 550)).toBe("noAddress");
  expect(reason("4.1.1")).toBe("notNow");
});

it("tells what this server found by itself from what another said", () => {
  expect(reason("4.4.3", null, null)).toBe("dns");
  expect(reason("4.4.1", null, null)).toBe("unreachable");
  expect(reason("4.4.2", "mx.elsewhere.test", null)).toBe("brokenOff");
  expect(reason("4.7.5", "mx.elsewhere.test", null)).toBe("encryption");
  expect(reason("4.3.5", null, null)).toBe("here");
  expect(reason("4.3.2", "mx.elsewhere.test", 421)).toBe("notNow");
});

it("knows an answer that took the message over", () => {
  expect(reason("2.0.0", "mx.elsewhere.test", 250)).toBe("taken");
});

it("gives the answer in the words of the server", () => {
  expect(answerLine({ code: 451, status: "4.7.1", text: "come back later" })).toBe("451 4.7.1 come back later");
  expect(answerLine({ code: null, status: "4.4.1", text: "no connection" })).toBe("4.4.1 no connection");
});
