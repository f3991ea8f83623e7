import { expect, it } from "vitest";
import { fileProblem } from "./uploadFile";

it("takes spreadsheets and text, whatever the case of the ending", () => {
  expect(fileProblem({ name: "成员.XLSX", size: 10 })).toBeUndefined();
  expect(fileProblem({ name: "members.v2.csv", size: 10 })).toBeUndefined();
});

it("names what stands in the way of an upload", () => {
  expect(fileProblem({ name: "members.xls", size: 10 })).toBe("imports.oldFormat");
  expect(fileProblem({ name: "members", size: 10 })).toBe("imports.wrongFormat");
  expect(fileProblem({ name: "members.csv", size: 0 })).toBe("imports.emptyFile");
  expect(fileProblem({ name: "members.csv", size: 65 * 1024 * 1024 })).toBe("imports.tooLarge");
});
