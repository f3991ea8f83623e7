/** Fills a URI template of level 1 (RFC 6570), which is all that RFC 8620 §2 uses. */
export function expand(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

/**
 * The address as this page may reach it. A server behind a proxy may not know by which name it was called; the page's policy
 * lets it talk to its own origin only, so everything but the path is the page's.
 */
export function onOwnOrigin(address: string): string {
  return address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
}
