/** Where things are; the only place that writes addresses down. */
export const paths = {
  signIn: "/login",
  organisation: (code: string) => `/o/${encodeURIComponent(code)}`,
  home: "/mail/inbox",
  console: "/admin",
} as const;

/** The page asked for before signing in, if it is one of ours. Anything else could send people to a look-alike. */
export function safeNext(search: string): string {
  const wanted = new URLSearchParams(search).get("next");
  if (wanted === null || !wanted.startsWith("/") || wanted.startsWith("//") || wanted.includes("\\")) return paths.home;
  const url = new URL(wanted, location.origin);
  if (url.origin !== location.origin || /^\/(login|o|setup)(\/|$)/.test(url.pathname)) return paths.home;
  return url.pathname + url.search + url.hash;
}

/** The organisation code in an address such as /o/kangning. */
export function codeInPath(pathname: string): string | null {
  const match = /^\/o\/([^/]+)\/?$/.exec(pathname);
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}
