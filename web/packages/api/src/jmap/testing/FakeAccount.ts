import type { Email, EmailAddress, EmailSubmission, Identity, Mailbox } from "../types";

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

/** A mail as a test tells of it. */
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

/** The arguments of a method. */
export type Args = Record<string, unknown>;
/** What a method answers: its name, or `error`. */
export type Answer = [name: string, args: object];

/** What a mail account holds, in memory. */
export class FakeAccount {
  mailboxes: Mailbox[] = [];
  emails = new Map<string, Email>();
  identities: Identity[] = [];
  /** Mails that were sent, at once or for later, as their ids. */
  sent: string[] = [];
  /** What was handed in; what is held leaves only when a test says so. */
  submissions: EmailSubmission[] = [];
  state = 1;
  private next = 1;

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

  /** Changes mailboxes or keywords of a mail, as a whole or one by one. */
  patch(email: Email, patch: Args) {
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
}
