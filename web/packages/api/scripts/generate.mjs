// Writes src/generated from the server's OpenAPI document: types, and one callable value for each operation.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../../../crates/serve-http/openapi.json", import.meta.url);
const target = new URL("../src/generated/", import.meta.url);
const document = JSON.parse(readFileSync(source, "utf8"));

const types = astToString(await openapiTS(document));
const heading = "// Generated from crates/serve-http/openapi.json by `npm run generate`. Not edited by hand.\n\n";

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const lines = [];
for (const [path, item] of Object.entries(document.paths)) {
  for (const method of ["get", "post", "put", "patch", "delete"]) {
    const operation = item[method];
    if (!operation) continue;
    const id = operation.operationId;
    lines.push([
      camel(id),
      `operation<operations["${id}"]>("${camel(id)}", "${method}", "${path}"${isFile(operation) ? ', "blob"' : ""}),`,
    ]);
  }
}
lines.sort(([a], [b]) => (a < b ? -1 : 1));

mkdirSync(target, { recursive: true });
writeFileSync(new URL("schema.ts", target), heading + types);
writeFileSync(
  new URL("operations.ts", target),
  `${heading}import { operation } from "../operation";\nimport type { operations } from "./schema";\n\nexport const api = {\n${lines
    .map(([name, value]) => `  ${name}: ${value}`)
    .join("\n")}\n};\n`,
);
console.log(`${lines.length} operations written to ${fileURLToPath(target)}`);

// A file to save is read as a Blob, everything else as JSON.
function isFile(operation) {
  return Object.entries(operation.responses).some(
    ([status, response]) =>
      status.startsWith("2") &&
      response.content &&
      !Object.keys(response.content).some((type) => type.includes("json")),
  );
}
