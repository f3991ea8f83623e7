import type { ApiProblem } from "../problem";
import { methodProblem } from "./problem";
import type { AnswerOfMethod, ArgsOf, Invocation, MethodName, ResultReference } from "./types";

/** One call of a batch: what it answered once the batch was sent. */
export interface Call<M extends MethodName> {
  /** A reference to a part of the answer, for a later call of the same batch (RFC 8620 §3.7). */
  ref(path: string): ResultReference;
  /** Throws what went wrong with this call. */
  answer(): AnswerOfMethod<M>;
  /** What went wrong with this call, if anything did. */
  problem(): ApiProblem | null;
}

/** Calls that travel together in one request, in this order. */
export class Batch {
  readonly invocations: Invocation[] = [];
  private readonly answers = new Map<string, Invocation[]>();

  add<M extends MethodName>(name: M, args: ArgsOf<M>): Call<M> {
    const id = `c${this.invocations.length}`;
    this.invocations.push([name, args as unknown as Record<string, unknown>, id]);
    const own = () => {
      const told = this.answers.get(id) ?? [];
      // A submission that moves its mail also answers as Email/set, under the same id.
      return told.find(([answered]) => answered === name || answered === "error");
    };
    const problem = () => {
      const told = own();
      if (told === undefined) return methodProblem({ type: "serverPartialFail" });
      return told[0] === "error" ? methodProblem(told[1] as { type: string }) : null;
    };
    return {
      ref: (path) => ({ resultOf: id, name, path }),
      problem,
      answer: () => {
        const failed = problem();
        if (failed !== null) throw failed;
        return (own() as Invocation)[1] as unknown as AnswerOfMethod<M>;
      },
    };
  }

  /** Takes the answers of the server in. */
  settle(responses: Invocation[]) {
    for (const response of responses) {
      const [, , id] = response;
      const before = this.answers.get(id);
      if (before === undefined) this.answers.set(id, [response]);
      else before.push(response);
    }
  }
}
