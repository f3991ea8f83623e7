import { consoleBase } from "../../paths";

/** Where to go after signing in: only ever to a page of the console, whatever the link said. */
export function safeNext(next: string | undefined): string {
  if (next === undefined) return consoleBase;
  const inside = next === consoleBase || next.startsWith(`${consoleBase}/`) || next.startsWith(`${consoleBase}?`);
  return inside && !next.startsWith(`${consoleBase}/login`) ? next : consoleBase;
}
