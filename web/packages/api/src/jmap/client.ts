import { currentCsrfToken, reportSignedOut } from "../client";
import { ApiProblem, asProblem } from "../problem";
import { Batch, type Call } from "./batch";
import { requestProblem } from "./problem";
import type { AnswerOfMethod, ArgsOf, Invocation, JmapSession, MethodName } from "./types";
import { expand, onOwnOrigin } from "./urls";

const using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:submission"] as const;

/** Who the session's mail belongs to and where everything is. */
export async function fetchJmapSession(signal?: AbortSignal): Promise<JmapSession> {
  return (await exchange("/jmap/session", { signal })) as JmapSession;
}

interface Waiting {
  name: MethodName;
  args: object;
  done: (answer: unknown) => void;
  failed: (cause: unknown) => void;
}

/** Speaks JMAP with the server for the signed-in member's own mail account. */
export class JmapClient {
  readonly accountId: string;
  private waiting: Waiting[] = [];

  constructor(
    readonly session: JmapSession,
    private readonly exchangeBatch: typeof exchange = exchange,
  ) {
    const accountId = session.primaryAccounts["urn:ietf:params:jmap:mail"];
    if (accountId === undefined) throw new ApiProblem({ code: "mail_account_not_found", status: 404 });
    this.accountId = accountId;
  }

  get limits() {
    const core = this.session.capabilities["urn:ietf:params:jmap:core"];
    return {
      callsInRequest: core?.maxCallsInRequest ?? 16,
      objectsInGet: core?.maxObjectsInGet ?? 500,
      objectsInSet: core?.maxObjectsInSet ?? 500,
      sizeUpload: core?.maxSizeUpload ?? 50_000_000,
    };
  }

  /** How many seconds a mail may be held back before it is sent; 0 where all leave at once. */
  get latestSecs(): number {
    const { accountCapabilities } = this.session.accounts[this.accountId] ?? {};
    return accountCapabilities?.["urn:ietf:params:jmap:submission"]?.maxDelayedSend ?? 0;
  }

  /** Sends the calls of a batch in one request. Throws only when the request as a whole failed; each call tells about itself. */
  async send(batch: Batch, signal?: AbortSignal): Promise<void> {
    const answer = await this.exchangeBatch(onOwnOrigin(this.session.apiUrl), {
      signal,
      body: { using, methodCalls: batch.invocations },
    });
    const { methodResponses } = answer as { methodResponses?: Invocation[] };
    if (!Array.isArray(methodResponses)) throw new ApiProblem({ code: "internal_error", status: 0 });
    batch.settle(methodResponses);
  }

  /** One call. What is called in the same breath travels in the same request. */
  call<M extends MethodName>(name: M, args: Omit<ArgsOf<M>, "accountId">): Promise<AnswerOfMethod<M>> {
    return new Promise((done, failed) => {
      this.waiting.push({ name, args, done: done as (answer: unknown) => void, failed });
      if (this.waiting.length === 1) queueMicrotask(() => this.flush());
    });
  }

  /** The address of a blob's bytes, named and typed as wanted. */
  downloadUrl(blob: { blobId: string | null; name?: string | null; type?: string | null }): string {
    return onOwnOrigin(
      expand(this.session.downloadUrl, {
        accountId: this.accountId,
        blobId: blob.blobId ?? "",
        name: blob.name || "file",
        type: blob.type || "application/octet-stream",
      }),
    );
  }

  get uploadUrl(): string {
    return onOwnOrigin(expand(this.session.uploadUrl, { accountId: this.accountId }));
  }

  eventSourceUrl(types: readonly string[]): string {
    const url = expand(this.session.eventSourceUrl, { types: types.join(","), closeafter: "no", ping: "60" });
    return onOwnOrigin(url);
  }

  /** The cleaned HTML of a message as a document of its own, its remote pictures held back unless they are to be shown. */
  messageUrl(emailId: string, pictures: "hold" | "show"): string {
    const capability = this.session.accounts[this.accountId]?.accountCapabilities["urn:yanshu:params:jmap:html"];
    const template = capability?.htmlUrl ?? "/jmap/html/{accountId}/{emailId}?remote={remote}";
    const remote = pictures === "show" ? "1" : "0";
    return onOwnOrigin(expand(template, { accountId: this.accountId, emailId, remote }));
  }

  private flush() {
    const all = this.waiting;
    this.waiting = [];
    for (let from = 0; from < all.length; from += this.limits.callsInRequest) {
      void this.sendTogether(all.slice(from, from + this.limits.callsInRequest));
    }
  }

  private async sendTogether(waiting: Waiting[]) {
    const batch = new Batch();
    const calls = waiting.map(({ name, args }) => batch.add(name, { accountId: this.accountId, ...args } as never));
    try {
      await this.send(batch);
    } catch (cause) {
      for (const { failed } of waiting) failed(cause);
      return;
    }
    for (const [at, { done, failed }] of waiting.entries()) {
      const call = calls[at] as Call<MethodName>;
      const problem = call.problem();
      if (problem === null) done(call.answer());
      else failed(problem);
    }
  }
}

/** One HTTP exchange; a body makes it a POST. Throws an ApiProblem for everything that is no success. */
export async function exchange(
  address: string,
  { signal, body }: { signal?: AbortSignal | undefined; body?: unknown } = {},
): Promise<unknown> {
  let response: Response;
  const token = currentCsrfToken();
  try {
    response = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(body === undefined || token === null ? {} : { "X-CSRF-Token": token }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw asProblem(cause);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    const problem = requestProblem(response.status, answer, response.headers.get("x-request-id"));
    reportSignedOut(problem);
    throw problem;
  }
  return answer;
}
