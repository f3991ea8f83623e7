import { type ApiProblem, asProblem } from "@yanshu/api";
import { useCallback, useEffect, useState } from "react";

export type Answer<T> = { state: "waiting" } | { state: "here"; data: T } | { state: "failed"; problem: ApiProblem };

/** Asks once when the page opens, and again on `retry`. These pages have no cache to share. */
export function useAnswer<T>(ask: () => Promise<T>): [Answer<T>, retry: () => void] {
  const [answer, setAnswer] = useState<Answer<T>>({ state: "waiting" });
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again.
  useEffect(() => {
    let current = true;
    setAnswer({ state: "waiting" });
    ask().then(
      (data) => current && setAnswer({ state: "here", data }),
      (cause) => current && setAnswer({ state: "failed", problem: asProblem(cause) }),
    );
    return () => {
      current = false;
    };
  }, [ask, turn]);
  return [answer, useCallback(() => setTurn((turn) => turn + 1), [])];
}
