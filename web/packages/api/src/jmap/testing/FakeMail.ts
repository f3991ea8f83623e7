import type {
  Email,
  EmailAddress,
  EmailFilter,
  EmailSubmission,
  Identity,
  Invocation,
  JmapSession,
  Mailbox,
  ResultReference,
  SetError,
  Thread,
} from "../types";

export const accountId = "acc_1";

const rights = {
  mayReadItems: true,
  mayAddItems: true,
  mayRemoveItems: true,
  maySetSeen: true,
  maySetKeywords: true,
  mayCreateChild: true,
  mayRename: true,
  mayDelete: true,
  maySubmit: true,
};

export const fakeSession: JmapSession = {
  capabilities: {
    "urn:ietf:params:jmap:core": {
      maxSizeUpload: 50_000_000,
      maxConcurrentUpload: 4,
      maxSizeRequest: 10_000_000,
      maxConcurrentRequests: 8,
      maxCallsInRequest: 32,
      maxObjectsInGet: 1000,
      maxObjectsInSet: 1000,
    },
    "urn:ietf:params:jmap:mail": {},
    "urn:ietf:params:jmap:submission": {},
  },
  accounts: {
    [accountId]: {
      name: "renxi2@example.test",
      isPersonal: true,
      isReadOnly: false,
      accountCapabilities: { "urn:ietf:params:jmap:submission": { maxDelayedSend: 31_622_400 } },
    },
  },
  primaryAccounts: {
    "urn:ietf:params:jmap:core": accountId,
    "urn:ietf:params:jmap:mail": accountId,
    "urn:ietf:params:jmap:submission": accountId,
  },
  username: "renxi2@example.test",
  apiUrl: "/jmap",
  downloadUrl: "/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
  uploadUrl: "/jmap/upload/{accountId}/",
  eventSourceUrl: "/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
  state: "1",
};

export interface NewMail {
  mailbox: string;
  from: EmailAddress;
  to?: EmailAddress[];
  cc?: EmailAddress[];
  subject: string;
  text: string;
  html?: string;
  receivedAt: string;
  keywords?: string[];
  thread?: string;
  attachments?: { name: string; type: string; size: number; blobId?: string }[];
}

type Args = Record<string, unknown>;
type Envelope = NonNullable<EmailSubmission["envelope"]> & {
  mailFrom: { parameters?: { HOLDFOR?: string; HOLDUNTIL?: string } };
};
type Answer = [name: string, args: object];

/** Just enough of a mail account, in memory, for tests: what RFC 8621 says about the methods that the web mail uses. */
export class FakeMail {
  mailboxes: Mailbox[] = [];
  emails = new Map<string, Email>();
  identities: Identity[] = [];
  /** Mails that were sent, at once or for later, as their ids. */
  sent: string[] = [];
  /** What was handed in; what is held leaves only when a test says so. */
  submissions: EmailSubmission[] = [];
  state = 1;
  private next = 1;
  /** Every request that came, for tests that count them. */
  readonly requests: Invocation[][] = [];
  /** Methods that shall fail, with the error they answer. */
  readonly failing = new Map<string, { type: string }>();
  readonly blobs = new Map<string, string>();

  constructor(me: EmailAddress = { name: "任熙", email: "renxi2@example.test" }) {
    for (const [role, name] of [
      ["inbox", "Inbox"],
      ["drafts", "Drafts"],
      ["sent", "Sent"],
      ["archive", "Archive"],
      ["junk", "Junk"],
      ["trash", "Trash"],
    ] as const) {
      this.addMailbox(name, null, role);
    }
    this.identities = [
      {
        id: "i1",
        name: me.name ?? "",
        email: me.email,
        replyTo: null,
        bcc: null,
        textSignature: "",
        htmlSignature: "",
        mayDelete: false,
      },
    ];
  }

  addMailbox(name: string, parentId: string | null = null, role: string | null = null): string {
    const id = `f${this.next++}`;
    this.mailboxes.push({
      id,
      name,
      parentId,
      role,
      sortOrder: this.mailboxes.length,
      totalEmails: 0,
      unreadEmails: 0,
      totalThreads: 0,
      unreadThreads: 0,
      isSubscribed: true,
      myRights: { ...rights, mayRename: role === null, mayDelete: role === null },
    });
    return id;
  }

  mailboxOf(role: string): string {
    return this.mailboxes.find((mailbox) => mailbox.role === role)?.id ?? role;
  }

  add(mail: NewMail): Email {
    const id = `m${this.next++}`;
    const text = { partId: "1", blobId: `b${id}t`, size: mail.text.length, name: null, type: "text/plain" };
    const html = { partId: "2", blobId: `b${id}h`, size: mail.html?.length ?? 0, name: null, type: "text/html" };
    const part = { charset: "utf-8", disposition: null, cid: null };
    const email: Email = {
      id,
      blobId: `b${id}`,
      threadId: mail.thread ?? `t${id.slice(1)}`,
      mailboxIds: { [this.mailboxOf(mail.mailbox)]: true },
      keywords: Object.fromEntries((mail.keywords ?? []).map((keyword) => [keyword, true])),
      size: 2000 + mail.text.length,
      receivedAt: mail.receivedAt,
      messageId: [`${id}@example.test`],
      inReplyTo: null,
      references: null,
      sender: null,
      from: [mail.from],
      to: mail.to ?? [{ name: this.identities[0]?.name ?? null, email: this.identities[0]?.email ?? "" }],
      cc: mail.cc ?? null,
      bcc: null,
      replyTo: null,
      subject: mail.subject,
      sentAt: mail.receivedAt,
      hasAttachment: (mail.attachments ?? []).length > 0,
      preview: mail.text.replace(/\s+/g, " ").slice(0, 200),
      bodyValues: { 1: { value: mail.text }, ...(mail.html === undefined ? {} : { 2: { value: mail.html } }) },
      textBody: [{ ...text, ...part }],
      htmlBody: [{ ...(mail.html === undefined ? text : html), ...part }],
      attachments: (mail.attachments ?? []).map((file, at) => ({
        partId: `a${at}`,
        blobId: file.blobId ?? `b${id}a${at}`,
        size: file.size,
        name: file.name,
        type: file.type,
        charset: null,
        disposition: "attachment",
        cid: null,
      })),
    };
    this.emails.set(id, email);
    this.state += 1;
    return email;
  }

  /** Answers the body of a POST to the API. */
  answer(body: { methodCalls: Invocation[] }): { methodResponses: Invocation[]; sessionState: string } {
    this.requests.push(body.methodCalls);
    const answered: Invocation[] = [];
    const created = new Map<string, string>();
    for (const [name, args, id] of body.methodCalls) {
      for (const [told, answer] of this.method(name, this.resolved(args, answered), created)) {
        answered.push([told, answer as Args, id]);
      }
    }
    return { methodResponses: answered, sessionState: "1" };
  }

  private resolved(args: Args, answered: Invocation[]): Args {
    return Object.fromEntries(
      Object.entries(args).map(([key, value]) => {
        if (!key.startsWith("#")) return [key, value];
        const { resultOf, path } = value as ResultReference;
        const [, answer] = answered.find(([, , id]) => id === resultOf) ?? ["", {}, ""];
        return [key.slice(1), follow(answer, path.split("/").slice(1))];
      }),
    );
  }

  private method(name: string, args: Args, created: Map<string, string>): Answer[] {
    const failure = this.failing.get(name);
    if (failure !== undefined) return [["error", failure]];
    switch (name) {
      case "Mailbox/get":
        return [[name, this.get(this.counted(), args)]];
      case "Mailbox/changes":
        return [
          [name, { ...this.changes(args), updated: this.mailboxes.map(({ id }) => id), updatedProperties: null }],
        ];
      case "Mailbox/set":
        return [[name, this.setMailboxes(args)]];
      case "Thread/get":
        return [[name, this.get(this.threads(), args)]];
      case "Email/get":
        return [[name, this.get([...this.emails.values()], args)]];
      case "Email/changes":
        return [[name, this.changes(args)]];
      case "Email/query":
        return [this.query(args)];
      case "Email/set":
        return [[name, this.setEmails(args, created)]];
      case "SearchSnippet/get":
        return [[name, this.snippets(args)]];
      case "Identity/get":
        return [[name, this.get(this.identities, args)]];
      case "EmailSubmission/set":
        return args.create === undefined ? this.cancel(args) : this.submit(args, created);
      case "EmailSubmission/get":
        return [[name, this.get(this.submissions, args)]];
      case "EmailSubmission/query": {
        const pending = this.submissions.filter(({ undoStatus }) => undoStatus === "pending");
        return [[name, { accountId, queryState: String(this.state), position: 0, ids: pending.map(({ id }) => id) }]];
      }
      default:
        return [["error", { type: "unknownMethod" }]];
    }
  }

  private counted(): Mailbox[] {
    return this.mailboxes.map((mailbox) => {
      const inside = [...this.emails.values()].filter((email) => email.mailboxIds[mailbox.id]);
      const unread = inside.filter((email) => !email.keywords.$seen && !email.keywords.$draft);
      return {
        ...mailbox,
        totalEmails: inside.length,
        unreadEmails: unread.length,
        totalThreads: new Set(inside.map(({ threadId }) => threadId)).size,
        unreadThreads: new Set(unread.map(({ threadId }) => threadId)).size,
      };
    });
  }

  private threads(): Thread[] {
    const byId = new Map<string, Email[]>();
    for (const email of this.emails.values()) byId.set(email.threadId, [...(byId.get(email.threadId) ?? []), email]);
    return [...byId].map(([id, emails]) => ({
      id,
      emailIds: emails.sort((a, b) => a.receivedAt.localeCompare(b.receivedAt)).map((email) => email.id),
    }));
  }

  private get(all: readonly object[], args: Args) {
    const ids = args.ids as string[] | null | undefined;
    const properties = args.properties as string[] | null | undefined;
    const list = (all as { id: string }[]).filter(({ id }) => ids == null || ids.includes(id));
    return {
      accountId,
      state: String(this.state),
      list: list.map((one) =>
        properties == null
          ? one
          : Object.fromEntries(Object.entries(one).filter(([key]) => key === "id" || properties.includes(key))),
      ),
      notFound: (ids ?? []).filter((id) => !list.some((one) => one.id === id)),
    };
  }

  private changes(args: Args) {
    return {
      accountId,
      oldState: args.sinceState,
      newState: String(this.state),
      hasMoreChanges: false,
      created: [],
      updated: [],
      destroyed: [],
    };
  }

  private query(args: Args): Answer {
    const filter = (args.filter ?? {}) as EmailFilter;
    let found = [...this.emails.values()]
      .filter((email) => matches(email, filter))
      .sort((a, b) => b.receivedAt.localeCompare(a.receivedAt));
    if (args.collapseThreads === true) {
      const seen = new Set<string>();
      found = found.filter(({ threadId }) => !seen.has(threadId) && seen.add(threadId));
    }
    const ids = found.map(({ id }) => id);
    let position = (args.position as number | undefined) ?? 0;
    if (typeof args.anchor === "string") {
      const at = ids.indexOf(args.anchor);
      if (at < 0) return ["error", { type: "anchorNotFound" }];
      position = Math.max(0, at + ((args.anchorOffset as number | undefined) ?? 0));
    }
    const limit = (args.limit as number | undefined) ?? ids.length;
    return [
      "Email/query",
      {
        accountId,
        queryState: String(this.state),
        canCalculateChanges: false,
        position,
        ids: ids.slice(position, position + limit),
        total: ids.length,
      },
    ];
  }

  private setEmails(args: Args, createdIds: Map<string, string>) {
    const created: Record<string, object> = {};
    for (const [key, value] of Object.entries((args.create ?? {}) as Record<string, Partial<Email>>)) {
      const text = value.bodyValues?.[value.textBody?.[0]?.partId ?? ""]?.value ?? "";
      const html = value.bodyValues?.[value.htmlBody?.[0]?.partId ?? ""]?.value;
      const email = this.add({
        mailbox: Object.keys(value.mailboxIds ?? {})[0] ?? "",
        from: value.from?.[0] ?? { name: null, email: "" },
        subject: value.subject ?? "",
        text,
        ...(html === undefined ? {} : { html }),
        receivedAt: new Date().toISOString(),
        keywords: Object.keys(value.keywords ?? {}),
      });
      const origin = [...this.emails.values()].find((one) => value.inReplyTo?.includes(one.messageId?.[0] ?? "?"));
      Object.assign(email, {
        to: value.to ?? null,
        cc: value.cc ?? null,
        bcc: value.bcc ?? null,
        inReplyTo: value.inReplyTo ?? null,
        references: value.references ?? null,
        ...(origin === undefined ? {} : { threadId: origin.threadId }),
        attachments: (value.attachments ?? []).map((part, at) => ({ ...part, partId: `a${at}`, charset: null })),
        hasAttachment: (value.attachments ?? []).some((part) => part.disposition !== "inline"),
      });
      createdIds.set(key, email.id);
      created[key] = { id: email.id, blobId: email.blobId, threadId: email.threadId, size: email.size };
    }
    const updated: Record<string, null> = {};
    const notUpdated: Record<string, SetError> = {};
    for (const [id, patch] of Object.entries((args.update ?? {}) as Record<string, Args>)) {
      const email = this.emails.get(id);
      if (email === undefined) notUpdated[id] = { type: "notFound" };
      else {
        this.patch(email, patch);
        updated[id] = null;
      }
    }
    const destroyed = ((args.destroy ?? []) as string[]).filter((id) => this.emails.delete(id));
    this.state += 1;
    return { accountId, oldState: null, newState: String(this.state), created, updated, notUpdated, destroyed };
  }

  private patch(email: Email, patch: Args) {
    for (const [path, value] of Object.entries(patch)) {
      const [property, key] = path.split("/") as ["mailboxIds" | "keywords", string | undefined];
      if (key === undefined) email[property] = { ...(value as Record<string, boolean>) };
      else {
        const next = { ...email[property] };
        if (value === null) delete next[key];
        else next[key] = true;
        email[property] = next;
      }
    }
  }

  private setMailboxes(args: Args) {
    const created: Record<string, object> = {};
    const notCreated: Record<string, SetError> = {};
    for (const [key, value] of Object.entries((args.create ?? {}) as Record<string, Partial<Mailbox>>)) {
      const twin = this.mailboxes.some(({ name, parentId }) => name === value.name && parentId === value.parentId);
      if (twin) notCreated[key] = { type: "alreadyExists", properties: ["name"] };
      else created[key] = { id: this.addMailbox(value.name ?? "", value.parentId ?? null) };
    }
    for (const [id, patch] of Object.entries((args.update ?? {}) as Record<string, Partial<Mailbox>>)) {
      this.mailboxes = this.mailboxes.map((mailbox) => (mailbox.id === id ? { ...mailbox, ...patch } : mailbox));
    }
    const destroyed = (args.destroy ?? []) as string[];
    this.mailboxes = this.mailboxes.filter(({ id }) => !destroyed.includes(id));
    this.state += 1;
    return { accountId, oldState: null, newState: String(this.state), created, notCreated, destroyed };
  }

  private submit(args: Args, created: Map<string, string>): Answer[] {
    const [[key, submission] = ["", {}]] = Object.entries((args.create ?? {}) as Record<string, Args>);
    const given = String(submission.emailId ?? "");
    const emailId = given.startsWith("#") ? (created.get(given.slice(1)) ?? "") : given;
    const email = this.emails.get(emailId);
    const told = { accountId, oldState: null, newState: String(this.state) };
    if (email === undefined) {
      return [["EmailSubmission/set", { ...told, notCreated: { [key]: { type: "invalidEmail" } } }]];
    }
    const recipients = [...(email.to ?? []), ...(email.cc ?? []), ...(email.bcc ?? [])];
    const wrong = recipients.filter(({ email: address }) => address.startsWith("nobody@")).map((one) => one.email);
    if (wrong.length > 0) {
      const error = { type: "invalidRecipients", invalidRecipients: wrong };
      return [["EmailSubmission/set", { ...told, notCreated: { [key]: error } }]];
    }
    this.sent.push(emailId);
    const envelope = (submission.envelope ?? null) as Envelope | null;
    const hold = envelope?.mailFrom.parameters ?? {};
    const made: EmailSubmission = {
      id: `s${this.submissions.length + 1}`,
      identityId: String(submission.identityId),
      emailId,
      threadId: email.threadId,
      envelope,
      sendAt: hold.HOLDUNTIL ?? new Date(Date.now() + Number(hold.HOLDFOR ?? 0) * 1000).toISOString(),
      undoStatus: envelope === null ? "final" : "pending",
    };
    this.submissions.push(made);
    const patch = ((args.onSuccessUpdateEmail ?? {}) as Record<string, Args>)[`#${key}`];
    if (patch !== undefined) this.patch(email, patch);
    this.state += 1;
    return [
      [
        "EmailSubmission/set",
        { ...told, created: { [key]: { id: made.id, sendAt: made.sendAt, undoStatus: made.undoStatus } } },
      ],
      ["Email/set", { ...told, updated: { [emailId]: null } }],
    ];
  }

  /** Takes back what is held (RFC 8621 §7.5). */
  private cancel(args: Args): Answer[] {
    const patches = (args.onSuccessUpdateEmail ?? {}) as Record<string, Args>;
    const updated: Record<string, null> = {};
    const notUpdated: Record<string, SetError> = {};
    for (const id of Object.keys((args.update ?? {}) as Record<string, Args>)) {
      const one = this.submissions.find((submission) => submission.id === id);
      if (one?.undoStatus !== "pending") {
        notUpdated[id] = { type: one === undefined ? "notFound" : "cannotUnsend" };
        continue;
      }
      one.undoStatus = "canceled";
      this.sent = this.sent.filter((emailId) => emailId !== one.emailId);
      updated[id] = null;
      const email = this.emails.get(one.emailId);
      if (email !== undefined && patches[id] !== undefined) this.patch(email, patches[id]);
    }
    this.state += 1;
    return [["EmailSubmission/set", { accountId, oldState: null, newState: String(this.state), updated, notUpdated }]];
  }

  private snippets(args: Args) {
    const words = wordsOf((args.filter ?? {}) as EmailFilter);
    const marked = (text: string) =>
      words.reduce(
        (marking, word) => marking.replaceAll(word, `<mark>${word}</mark>`),
        text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
      );
    const ids = (args.emailIds ?? []) as string[];
    return {
      accountId,
      list: ids.map((emailId) => {
        const email = this.emails.get(emailId);
        return { emailId, subject: marked(email?.subject ?? ""), preview: marked(email?.preview ?? "") };
      }),
      notFound: null,
    };
  }
}

// RFC 6901 with the `*` of RFC 8620 §3.7.
function follow(value: unknown, path: string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (head === "*" && Array.isArray(value)) return value.flatMap((one) => follow(one, rest));
  return follow((value as Record<string, unknown> | null)?.[head], rest);
}

function textOf(email: Email): string {
  const people = [...(email.from ?? []), ...(email.to ?? []), ...(email.cc ?? [])];
  const bodies = Object.values(email.bodyValues).map(({ value }) => value);
  return [email.subject, ...people.flatMap(({ name, email: address }) => [name, address]), ...bodies].join("\n");
}

function matches(email: Email, filter: EmailFilter): boolean {
  if ("operator" in filter) {
    const each = filter.conditions.map((condition) => matches(email, condition));
    if (filter.operator === "AND") return each.every(Boolean);
    return filter.operator === "OR" ? each.some(Boolean) : !each.some(Boolean);
  }
  const people = (addresses: EmailAddress[] | null) =>
    (addresses ?? []).map(({ name, email: address }) => `${name ?? ""} ${address}`).join(" ");
  const found = (text: string | null, wanted: string) => (text ?? "").toLowerCase().includes(wanted.toLowerCase());
  const mailboxes = Object.keys(email.mailboxIds);
  return [
    filter.inMailbox === undefined || mailboxes.includes(filter.inMailbox),
    filter.inMailboxOtherThan === undefined || mailboxes.some((id) => !filter.inMailboxOtherThan?.includes(id)),
    filter.hasKeyword === undefined || email.keywords[filter.hasKeyword] === true,
    filter.notKeyword === undefined || email.keywords[filter.notKeyword] !== true,
    filter.hasAttachment === undefined || email.hasAttachment === filter.hasAttachment,
    filter.text === undefined || found(textOf(email), filter.text),
    filter.from === undefined || found(people(email.from), filter.from),
    filter.to === undefined || found(people(email.to), filter.to),
    filter.cc === undefined || found(people(email.cc), filter.cc),
    filter.subject === undefined || found(email.subject, filter.subject),
    filter.after === undefined || email.receivedAt >= filter.after,
    filter.before === undefined || email.receivedAt < filter.before,
  ].every(Boolean);
}

function wordsOf(filter: EmailFilter): string[] {
  if ("operator" in filter) return filter.conditions.flatMap(wordsOf);
  return [filter.text, filter.subject].filter((word): word is string => word !== undefined);
}
