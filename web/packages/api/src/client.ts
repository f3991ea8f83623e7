import createClient from "openapi-fetch";
import { type ApiProblem, asProblem, problemFrom } from "./problem";

type Method = "get" | "post" | "put" | "patch" | "delete";

let csrfToken: string | null = null;
const signedOutListeners = new Set<() => void>();

/** Calls `listener` when an answer says that nobody is signed in any more. Gives back how to stop that. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** Tells the listeners when `problem` means that nobody is signed in; for requests that do not go through an operation. */
export function reportSignedOut(problem: ApiProblem) {
  if (problem.isSignedOut) for (const listener of signedOutListeners) listener();
}

/** The token that goes with every unsafe request; for requests that do not go through an operation (an upload with progress). */
export function currentCsrfToken(): string | null {
  return csrfToken;
}

// biome-ignore lint/suspicious/noExplicitAny: operations carry the types; the transport underneath has none.
const client = createClient<any>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  credentials: "same-origin",
  headers: { accept: "application/json" },
  fetch: (request) => globalThis.fetch(request),
});

client.use({
  onRequest({ request }) {
    if (csrfToken !== null && request.method !== "GET" && request.method !== "HEAD") {
      request.headers.set("X-CSRF-Token", csrfToken);
    }
    return request;
  },
});

export interface CallInput {
  params?: { query?: unknown; path?: unknown; header?: unknown } | undefined;
  body?: unknown;
}

/** Sends one request. Throws an ApiProblem for every answer that is no success, and when there is none. */
export async function call(
  method: Method,
  path: string,
  input: CallInput,
  options: { signal?: AbortSignal; parseAs?: "json" | "blob" } = {},
): Promise<unknown> {
  let answer: { data?: unknown; error?: unknown; response: Response };
  try {
    answer = await client.request(
      method,
      path as never,
      {
        params: input.params,
        body: input.body,
        signal: options.signal,
        parseAs: options.parseAs ?? "json",
      } as never,
    );
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw asProblem(cause);
  }
  const { response } = answer;
  if (!response.ok) {
    const problem = problemFrom(response.status, readable(answer.error), response.headers.get("x-request-id"));
    reportSignedOut(problem);
    throw problem;
  }
  rememberCsrfToken(answer.data);
  return answer.data;
}

function readable(error: unknown): unknown {
  if (typeof error !== "string") return error;
  try {
    return JSON.parse(error);
  } catch {
    return null;
  }
}

// Every answer that carries a session carries the token bound to it.
function rememberCsrfToken(data: unknown) {
  if (typeof data === "object" && data !== null && "csrf_token" in data && typeof data.csrf_token === "string") {
    csrfToken = data.csrf_token;
  }
}
