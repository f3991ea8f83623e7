import { expect, it } from "vitest";
import { phoneText } from "./phoneText";

it("writes a Chinese mobile in groups and leaves other numbers as they are", () => {
  expect(phoneText("+8618976942196")).toBe("189 7694 2196");
  expect(phoneText("+12025550143")).toBe("+12025550143");
  expect(phoneText(null)).toBe("");
});
