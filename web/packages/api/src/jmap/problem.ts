import { ApiProblem, problemFrom } from "../problem";
import type { SetError } from "./types";

const methodErrors: Record<string, string> = {
  serverUnavailable: "server_unreachable",
  serverFail: "internal_error",
  serverPartialFail: "internal_error",
  forbidden: "forbidden",
  accountNotFound: "mail_account_not_found",
  accountNotSupportedByMethod: "mail_account_not_found",
  accountReadOnly: "forbidden",
  requestTooLarge: "body_too_large",
  anchorNotFound: "jmap_anchor_not_found",
  cannotCalculateChanges: "jmap_cannot_calculate_changes",
  unsupportedFilter: "jmap_unsupported_filter",
  rateLimit: "too_many_requests",
};

/** A method's error (RFC 8620 §3.6.2) in the form that pages show. */
export function methodProblem(error: { type: string }): ApiProblem {
  return new ApiProblem({ code: methodErrors[error.type] ?? "internal_error", status: 0 });
}

const setErrors: Record<string, string> = {
  forbidden: "forbidden",
  overQuota: "mail_over_quota",
  tooLarge: "mail_too_large",
  rateLimit: "too_many_requests",
  notFound: "mail_gone",
  stateMismatch: "edited_meanwhile",
  blobNotFound: "mail_attachment_gone",
  tooManyKeywords: "value_invalid",
  tooManyMailboxes: "value_invalid",
  mailboxHasChild: "mailbox_has_child",
  mailboxHasEmail: "mailbox_has_email",
  invalidProperties: "value_invalid",
  alreadyExists: "mailbox_name_taken",
  tooManyRecipients: "too_many_recipients",
  noRecipients: "no_recipients",
  invalidRecipients: "recipients_invalid",
  invalidEmail: "mail_invalid",
  forbiddenMailFrom: "sender_forbidden",
  forbiddenFrom: "sender_forbidden",
  forbiddenToSend: "sending_forbidden",
  cannotUnsend: "submission_not_held",
};

/** Of these the type says so little that the server's own code, where it is told, says more. */
const vague = new Set(["forbidden", "invalidProperties", "overQuota"]);

/** The error of one object (RFC 8620 §5.3, RFC 8621 §4.6 and §7.5) in the form that pages show. */
export function setProblem(error: SetError): ApiProblem {
  const params: Record<string, string> = {};
  if (error.invalidRecipients?.length) params.recipients = error.invalidRecipients.join(", ");
  if (error.maxRecipients !== undefined) params.limit = String(error.maxRecipients);
  if (error.code !== undefined && vague.has(error.type)) {
    return new ApiProblem({ code: error.code, status: 0, params: { ...error.params, ...params } });
  }
  return new ApiProblem({ code: setErrors[error.type] ?? "internal_error", status: 0, params });
}

/** An answer to a whole request (RFC 8620 §3.6.1): ours carry a code besides the type that the RFC names. */
export function requestProblem(status: number, body: unknown, requestId: string | null): ApiProblem {
  const type = typeof body === "object" && body !== null && "type" in body ? body.type : undefined;
  const problem = problemFrom(status, body, requestId);
  if (typeof body === "object" && body !== null && "code" in body) return problem;
  if (type === "urn:ietf:params:jmap:error:limit") {
    const limit = (body as { limit?: unknown }).limit;
    const code = limit === "maxSizeRequest" || limit === "maxSizeUpload" ? "body_too_large" : "too_many_requests";
    return new ApiProblem({ code, status, requestId: problem.requestId });
  }
  return problem;
}
