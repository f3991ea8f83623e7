/** One wrong field of what was sent. */
export interface FieldProblem {
  field: string;
  code: string;
  params: Record<string, string>;
}

/** An answer that is no success. The person sees the text of `code`; the request id leads the operator to the log. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly params: Record<string, string>;
  readonly fields: FieldProblem[];
  readonly requestId: string | null;

  constructor(problem: {
    code: string;
    status: number;
    params?: Record<string, string>;
    fields?: FieldProblem[];
    requestId?: string | null;
  }) {
    super(problem.code);
    this.name = "ApiProblem";
    this.code = problem.code;
    this.status = problem.status;
    this.params = problem.params ?? {};
    this.fields = problem.fields ?? [];
    this.requestId = problem.requestId ?? null;
  }

  /** Nobody is signed in, or the session ended. */
  get isSignedOut(): boolean {
    return this.status === 401 && this.code === "not_signed_in";
  }

  get isForbidden(): boolean {
    return this.status === 403;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }
}

/** Brings whatever was thrown into the one form that pages show. */
export function asProblem(cause: unknown): ApiProblem {
  if (cause instanceof ApiProblem) return cause;
  // fetch throws a TypeError when no answer came at all.
  if (cause instanceof TypeError) return new ApiProblem({ code: "network_unreachable", status: 0 });
  return new ApiProblem({ code: "internal_error", status: 0 });
}

/** Reads a problem+json body; anything else that failed (a proxy's page, say) is told by its status. */
export function problemFrom(status: number, body: unknown, requestId: string | null): ApiProblem {
  if (typeof body === "object" && body !== null && "code" in body && typeof body.code === "string") {
    const problem = body as {
      code: string;
      params?: Record<string, string>;
      fields?: FieldProblem[];
      request_id?: string;
    };
    return new ApiProblem({
      code: problem.code,
      status,
      params: problem.params ?? {},
      fields: problem.fields ?? [],
      requestId: problem.request_id ?? requestId,
    });
  }
  return new ApiProblem({ code: codeOfStatus(status), status, requestId });
}

function codeOfStatus(status: number): string {
  if (status === 401) return "not_signed_in";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 413) return "body_too_large";
  if (status === 429) return "too_many_requests";
  if (status >= 502 && status <= 504) return "server_unreachable";
  return "internal_error";
}
