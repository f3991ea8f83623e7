import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type UserConfig } from "vite";

export type AppName = "entry" | "mail" | "console";

const web = fileURLToPath(new URL(".", import.meta.url));

/** What one of the apps is built with: its own base below /static/, its own folder in dist, the server behind it while developing. */
export function appConfig(app: AppName): UserConfig {
  const root = join(web, "apps", app);
  const outDir = join(web, "dist", app);
  return defineConfig({
    root,
    base: `/static/${app}/`,
    plugins: [react(), precompressed(outDir)],
    // The server puts a fresh nonce in its place for every page it serves.
    html: { cspNonce: "__CSP_NONCE__" },
    build: {
      outDir,
      emptyOutDir: true,
      manifest: "manifest.json",
      target: ["chrome100", "firefox100", "safari15"],
      // Inlined assets would need data: in the policy for more than pictures.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1500,
      sourcemap: false,
    },
    server: {
      proxy: Object.fromEntries(
        ["/api", "/healthz", "/readyz"].map((path) => [path, { target: "http://127.0.0.1:8080", changeOrigin: false }]),
      ),
    },
  }) as UserConfig;
}

const compressible = /\.(js|css|html|svg|json|map)$/;

/** Writes a .br beside every text file, so that the server never compresses while someone waits. Pages with a nonce are left out. */
function precompressed(outDir: string): Plugin {
  return {
    name: "yanshu-precompressed",
    apply: "build",
    enforce: "post",
    closeBundle() {
      for (const file of filesBelow(outDir)) {
        if (!compressible.test(file) || file.endsWith(".html") || file.endsWith("manifest.json")) continue;
        const bytes = readFileSync(file);
        if (bytes.length < 512) continue;
        writeFileSync(
          `${file}.br`,
          brotliCompressSync(bytes, {
            params: {
              [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
              [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
            },
          }),
        );
      }
    },
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
