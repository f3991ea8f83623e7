import type { Invocation } from "../types";
import { query, setEmails, snippets, threads } from "./emails";
import { type Answer, type Args, FakeAccount } from "./FakeAccount";
import { counted, setMailboxes } from "./mailboxes";
import { resolved } from "./references";
import { accountId } from "./session";
import { changes, get } from "./standard";
import { cancel, submit } from "./submissions";

/** Just enough of a mail account, in memory, for tests: what RFC 8621 says about the methods that the web mail uses. */
export class FakeMail extends FakeAccount {
  /** Every request that came, for tests that count them. */
  readonly requests: Invocation[][] = [];
  /** Methods that shall fail, with the error they answer. */
  readonly failing = new Map<string, { type: string }>();
  readonly blobs = new Map<string, string>();

  /** Answers the body of a POST to the API. */
  answer(body: { methodCalls: Invocation[] }): { methodResponses: Invocation[]; sessionState: string } {
    this.requests.push(body.methodCalls);
    const answered: Invocation[] = [];
    const created = new Map<string, string>();
    for (const [name, args, id] of body.methodCalls) {
      for (const [told, answer] of this.method(name, resolved(args, answered), created)) {
        answered.push([told, answer as Args, id]);
      }
    }
    return { methodResponses: answered, sessionState: "1" };
  }

  private method(name: string, args: Args, created: Map<string, string>): Answer[] {
    const failure = this.failing.get(name);
    if (failure !== undefined) return [["error", failure]];
    switch (name) {
      case "Mailbox/get":
        return [[name, get(this, counted(this), args)]];
      case "Mailbox/changes":
        return [
          [name, { ...changes(this, args), updated: this.mailboxes.map(({ id }) => id), updatedProperties: null }],
        ];
      case "Mailbox/set":
        return [[name, setMailboxes(this, args)]];
      case "Thread/get":
        return [[name, get(this, threads(this), args)]];
      case "Email/get":
        return [[name, get(this, [...this.emails.values()], args)]];
      case "Email/changes":
        return [[name, changes(this, args)]];
      case "Email/query":
        return [query(this, args)];
      case "Email/set":
        return [[name, setEmails(this, args, created)]];
      case "SearchSnippet/get":
        return [[name, snippets(this, args)]];
      case "Identity/get":
        return [[name, get(this, this.identities, args)]];
      case "EmailSubmission/set":
        return args.create === undefined ? cancel(this, args) : submit(this, args, created);
      case "EmailSubmission/get":
        return [[name, get(this, this.submissions, args)]];
      case "EmailSubmission/query": {
        const pending = this.submissions.filter(({ undoStatus }) => undoStatus === "pending");
        return [[name, { accountId, queryState: String(this.state), position: 0, ids: pending.map(({ id }) => id) }]];
      }
      default:
        return [["error", { type: "unknownMethod" }]];
    }
  }
}
