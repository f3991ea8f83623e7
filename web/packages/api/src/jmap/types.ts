/** The words of RFC 8620 and RFC 8621, as far as the web mail speaks them. */

export type Id = string;

/** RFC 8620 §2. */
export interface JmapSession {
  capabilities: {
    "urn:ietf:params:jmap:core"?: CoreLimits;
    [capability: string]: unknown;
  };
  accounts: Record<Id, JmapAccount>;
  primaryAccounts: Record<string, Id | undefined>;
  username: string;
  apiUrl: string;
  downloadUrl: string;
  uploadUrl: string;
  eventSourceUrl: string;
  state: string;
}

export interface JmapAccount {
  name: string;
  isPersonal: boolean;
  isReadOnly: boolean;
  accountCapabilities: {
    "urn:ietf:params:jmap:submission"?: { maxDelayedSend?: number };
    /** Ours: where the cleaned HTML of a message is served as a document of its own. */
    "urn:yanshu:params:jmap:html"?: { htmlUrl?: string };
    [capability: string]: unknown;
  };
}

export interface CoreLimits {
  maxSizeUpload: number;
  maxConcurrentUpload: number;
  maxSizeRequest: number;
  maxConcurrentRequests: number;
  maxCallsInRequest: number;
  maxObjectsInGet: number;
  maxObjectsInSet: number;
}

/** RFC 8620 §3.7: what an earlier call of the same request will have answered. */
export interface ResultReference {
  resultOf: string;
  name: string;
  path: string;
}

export type Invocation = [name: string, args: Record<string, unknown>, callId: string];

export interface EmailAddress {
  name: string | null;
  email: string;
}

export type MailboxRole = "inbox" | "drafts" | "sent" | "junk" | "trash" | "archive";

/** RFC 8621 §2. */
export interface Mailbox {
  id: Id;
  name: string;
  parentId: Id | null;
  role: MailboxRole | string | null;
  sortOrder: number;
  totalEmails: number;
  unreadEmails: number;
  totalThreads: number;
  unreadThreads: number;
  isSubscribed: boolean;
  myRights: Partial<Record<MailboxRight, boolean>>;
}

export type MailboxRight =
  | "mayReadItems"
  | "mayAddItems"
  | "mayRemoveItems"
  | "maySetSeen"
  | "maySetKeywords"
  | "mayCreateChild"
  | "mayRename"
  | "mayDelete"
  | "maySubmit";

export interface Thread {
  id: Id;
  emailIds: Id[];
}

/** RFC 8621 §4.1.4. */
export interface BodyPart {
  partId: string | null;
  blobId: Id | null;
  size: number;
  name: string | null;
  type: string;
  charset: string | null;
  disposition: string | null;
  cid: string | null;
}

export interface BodyValue {
  value: string;
  isEncodingProblem?: boolean;
  isTruncated?: boolean;
}

export type Keywords = Record<string, boolean>;

/** RFC 8621 §4.1. Only what was asked for is there. */
export interface Email {
  id: Id;
  blobId: Id;
  threadId: Id;
  mailboxIds: Record<Id, boolean>;
  keywords: Keywords;
  size: number;
  receivedAt: string;
  messageId: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
  sender: EmailAddress[] | null;
  from: EmailAddress[] | null;
  to: EmailAddress[] | null;
  cc: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  replyTo: EmailAddress[] | null;
  subject: string | null;
  sentAt: string | null;
  hasAttachment: boolean;
  preview: string;
  bodyValues: Record<string, BodyValue>;
  textBody: BodyPart[];
  htmlBody: BodyPart[];
  attachments: BodyPart[];
}

/** RFC 8621 §4.4.1. */
export interface EmailCondition {
  inMailbox?: Id;
  inMailboxOtherThan?: Id[];
  before?: string;
  after?: string;
  hasKeyword?: string;
  notKeyword?: string;
  hasAttachment?: boolean;
  text?: string;
  from?: string;
  to?: string;
  cc?: string;
  bcc?: string;
  subject?: string;
  body?: string;
}

export type EmailFilter = EmailCondition | { operator: "AND" | "OR" | "NOT"; conditions: EmailFilter[] };

export interface Comparator {
  property: string;
  isAscending: boolean;
}

/** RFC 8621 §6. */
export interface Identity {
  id: Id;
  name: string;
  email: string;
  replyTo: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  textSignature: string;
  htmlSignature: string;
  mayDelete: boolean;
}

/** RFC 8621 §5. */
export interface SearchSnippet {
  emailId: Id;
  subject: string | null;
  preview: string | null;
}

/** RFC 8620 §5.3. */
export interface SetError {
  type: string;
  description?: string | null;
  properties?: string[];
  /** Which recipients are wrong (RFC 8621 §7.5). */
  invalidRecipients?: string[];
  maxRecipients?: number;
  maxSize?: number;
  /** Why, in the server's own codes; another server would not tell. */
  code?: string;
  params?: Record<string, string>;
}

export interface GetAnswer<T> {
  accountId: Id;
  state: string;
  list: T[];
  notFound: Id[];
}

export interface ChangesAnswer {
  accountId: Id;
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
  /** Mailbox/changes only (RFC 8621 §2.2): what alone may have changed. */
  updatedProperties?: string[] | null;
}

export interface QueryAnswer {
  accountId: Id;
  queryState: string;
  canCalculateChanges: boolean;
  position: number;
  ids: Id[];
  total?: number;
  limit?: number;
}

export interface SetAnswer<T = Record<string, unknown>> {
  accountId: Id;
  oldState: string | null;
  newState: string;
  created?: Record<string, T> | null;
  updated?: Record<Id, T | null> | null;
  destroyed?: Id[] | null;
  notCreated?: Record<string, SetError> | null;
  notUpdated?: Record<Id, SetError> | null;
  notDestroyed?: Record<Id, SetError> | null;
}

/** RFC 8620 §7.1: the newest state of each type that changed. */
export interface StateChange {
  "@type": "StateChange";
  changed: Record<Id, Record<string, string>>;
}

interface AccountArgs {
  accountId: Id;
}

interface GetArgs extends AccountArgs {
  ids?: Id[] | null;
  "#ids"?: ResultReference;
  properties?: readonly string[];
  "#properties"?: ResultReference;
}

interface EmailGetArgs extends GetArgs {
  bodyProperties?: readonly string[];
  fetchTextBodyValues?: boolean;
  fetchHTMLBodyValues?: boolean;
  maxBodyValueBytes?: number;
}

interface ChangesArgs extends AccountArgs {
  sinceState: string;
  maxChanges?: number;
}

export interface QueryArgs extends AccountArgs {
  filter?: EmailFilter | null;
  sort?: Comparator[];
  collapseThreads?: boolean;
  position?: number;
  anchor?: Id;
  anchorOffset?: number;
  limit?: number;
  calculateTotal?: boolean;
}

export interface SetArgs extends AccountArgs {
  ifInState?: string;
  create?: Record<string, object>;
  update?: Record<Id, object>;
  destroy?: Id[];
}

export type UndoStatus = "pending" | "final" | "canceled";

/** A mail that was handed in to be sent (RFC 8621 §7). */
export interface EmailSubmission {
  id: Id;
  identityId: Id;
  emailId: Id;
  threadId: Id;
  envelope: { mailFrom: { email: string }; rcptTo: { email: string }[] } | null;
  sendAt: string;
  undoStatus: UndoStatus;
}

/** Which methods there are, what they are asked with and what they answer. */
export interface Methods {
  "Mailbox/get": { args: GetArgs; answer: GetAnswer<Mailbox> };
  "Mailbox/changes": { args: ChangesArgs; answer: ChangesAnswer };
  "Mailbox/set": { args: SetArgs & { onDestroyRemoveEmails?: boolean }; answer: SetAnswer };
  "Thread/get": { args: GetArgs; answer: GetAnswer<Thread> };
  "Email/query": { args: QueryArgs; answer: QueryAnswer };
  "Email/get": { args: EmailGetArgs; answer: GetAnswer<Email> };
  "Email/changes": { args: ChangesArgs; answer: ChangesAnswer };
  "Email/set": { args: SetArgs; answer: SetAnswer };
  "SearchSnippet/get": {
    args: AccountArgs & { filter: EmailFilter; emailIds?: Id[]; "#emailIds"?: ResultReference };
    answer: { accountId: Id; list: SearchSnippet[]; notFound: Id[] | null };
  };
  "Identity/get": { args: GetArgs; answer: GetAnswer<Identity> };
  "EmailSubmission/query": {
    args: AccountArgs & { filter?: { undoStatus?: UndoStatus }; sort?: { property: "sentAt"; isAscending: boolean }[] };
    answer: QueryAnswer;
  };
  "EmailSubmission/get": { args: GetArgs; answer: GetAnswer<EmailSubmission> };
  "EmailSubmission/set": {
    args: SetArgs & { onSuccessUpdateEmail?: Record<string, object>; onSuccessDestroyEmail?: string[] };
    answer: SetAnswer;
  };
}

export type MethodName = keyof Methods;
export type ArgsOf<M extends MethodName> = Methods[M]["args"];
export type AnswerOfMethod<M extends MethodName> = Methods[M]["answer"];
