import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const types: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};

/** Serves the built apps as the server does, with a nonce and the strict policy, so that pages can be looked at without it. */
export async function serveBuiltPages(): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = pathname.startsWith("/static/") ? join(dist, normalize(pathname.slice("/static".length))) : null;
    if (file !== null) {
      if (!file.startsWith(dist) || !existsSync(file)) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
      response.end(readFileSync(file));
      return;
    }
    if (pathname.startsWith("/api/") || /^\/jmap(\/|$)/.test(pathname)) {
      response.writeHead(501, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ code: "internal_error", status: 501, request_id: "req_unanswered" }));
      return;
    }
    const nonce = randomBytes(16).toString("base64");
    response.writeHead(200, {
      "content-type": types[".html"],
      "content-security-policy": [
        "default-src 'none'",
        `script-src 'self' 'nonce-${nonce}'`,
        `style-src 'self' 'nonce-${nonce}'`,
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "frame-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ].join("; "),
    });
    response.end(readFileSync(join(dist, appOf(pathname), "index.html"), "utf8").replaceAll("__CSP_NONCE__", nonce));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function appOf(pathname: string): "entry" | "mail" | "console" {
  if (pathname.startsWith("/admin")) return "console";
  if (/^\/(account|mail|contacts)(\/|$)/.test(pathname)) return "mail";
  return "entry";
}
