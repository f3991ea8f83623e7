// Fails when an app's first page needs more script than its budget, in KiB as sent (brotli).
// Entry is counted whole. The others: what index.html loads at once, one language, and the page one comes to first.
import { existsSync, readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const budgets = [
  { app: "entry", limit: 200, first: /./ },
  { app: "console", limit: 400, first: /locales\/.*zh-CN|features\/overview\// },
  { app: "mail", limit: 300, first: /locales\/(errors\/)?zh-CN|features\/mail\/MailPage/ },
];
let passed = true;

for (const { app, limit, first } of budgets) {
  const dist = new URL(`../dist/${app}/`, import.meta.url);
  if (!existsSync(new URL("manifest.json", dist))) {
    console.error(`${app}: not built; run "npm run build" first`);
    passed = false;
    continue;
  }
  const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));
  const files = new Set();
  const visited = new Set();
  const take = (key) => {
    if (visited.has(key)) return;
    visited.add(key);
    const chunk = manifest[key];
    if (chunk.file.endsWith(".js")) files.add(chunk.file);
    for (const other of chunk.imports ?? []) take(other);
    for (const other of chunk.dynamicImports ?? []) if (first.test(other)) take(other);
  };
  take("index.html");
  const kib = [...files].reduce((sum, file) => sum + sent(new URL(file, dist)), 0) / 1024;
  const within = kib <= limit;
  passed &&= within;
  console.log(
    `${app}: ${kib.toFixed(1)} KiB of script in ${files.size} files, budget ${limit} KiB${within ? "" : "  OVER BUDGET"}`,
  );
}
process.exit(passed ? 0 : 1);

function sent(file) {
  const compressed = new URL(`${file.href}.br`);
  return existsSync(compressed) ? readFileSync(compressed).length : brotliCompressSync(readFileSync(file)).length;
}
