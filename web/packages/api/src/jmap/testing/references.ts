import type { Invocation, ResultReference } from "../types";
import type { Args } from "./FakeAccount";

/** The arguments with results of earlier calls in the place of references to them (RFC 8620 §3.7). */
export function resolved(args: Args, answered: Invocation[]): Args {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      if (!key.startsWith("#")) return [key, value];
      const { resultOf, path } = value as ResultReference;
      const [, answer] = answered.find(([, , id]) => id === resultOf) ?? ["", {}, ""];
      return [key.slice(1), follow(answer, path.split("/").slice(1))];
    }),
  );
}

// RFC 6901 with the `*` of RFC 8620 §3.7.
function follow(value: unknown, path: string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (head === "*" && Array.isArray(value)) return value.flatMap((one) => follow(one, rest));
  return follow((value as Record<string, unknown> | null)?.[head], rest);
}
