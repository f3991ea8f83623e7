import { type ApiProblem, asProblem } from "@yanshu/api";
import { Batch, type EmailSubmission, type Id, type Identity, setProblem } from "@yanshu/api/jmap";
import type { MailStore } from "../mail/store/mailStore";
import type { HeldMail } from "../scheduled/scheduled";
import { type Draft, emailOf, type WrittenParts } from "./draft";
import { forget, keep } from "./kept";

export type SaveState = "clean" | "dirty" | "saving" | "saved" | "failed";

interface KeeperParts {
  mail: MailStore;
  /** By which name this device keeps it until the server has it. */
  key: string;
  emailId: Id | null;
  identityOf: (id: Id | null) => Identity | undefined;
  write: (draft: Draft) => WrittenParts;
  onState: (state: SaveState, problem: ApiProblem | null) => void;
  onSaved: (emailId: Id) => void;
}

/** What became of a mail that was sent; one that is held can be taken back. */
export interface Sent extends HeldMail {
  held: boolean;
}

/** How long after the last letter it is saved. */
const restsFor = 2500;

/**
 * Keeps a mail that is being written safe: on this device with every change, on the server a moment later. A draft cannot be changed
 * on the server, so each save makes a new one and only then removes the one before: there is always one.
 */
export class DraftKeeper {
  private draft: Draft | null = null;
  private emailId: Id | null;
  private dirty = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** One after the other. */
  private work: Promise<unknown> = Promise.resolve();
  private ended = false;

  constructor(private readonly parts: KeeperParts) {
    this.emailId = parts.emailId;
  }

  get isDirty(): boolean {
    return this.dirty;
  }

  changed(draft: Draft) {
    if (this.ended) return;
    this.draft = draft;
    this.dirty = true;
    keep(this.parts.key, draft, this.emailId);
    this.parts.onState("dirty", null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save().catch(() => {}), restsFor);
  }

  /** Saves what is not saved yet. Throws when it could not; the text is safe on this device then. */
  save(): Promise<void> {
    clearTimeout(this.timer);
    return this.inTurn(async () => {
      const { draft } = this;
      if (!this.dirty || draft === null || this.ended) return;
      this.dirty = false;
      this.parts.onState("saving", null);
      try {
        const before = this.emailId;
        this.emailId = await this.create(draft);
        this.parts.onSaved(this.emailId);
        await this.destroy(before);
      } catch (cause) {
        this.dirty = true;
        const problem = asProblem(cause);
        this.parts.onState("failed", problem);
        throw problem;
      }
      if (this.dirty) return;
      forget(this.parts.key);
      this.parts.onState("saved", null);
    });
  }

  /**
   * Sends it: at once, after some seconds, or at a time. When that is refused, the mail is still there as a draft.
   */
  send(draft: Draft, hold: number | Date | null = null): Promise<Sent> {
    clearTimeout(this.timer);
    return this.inTurn(async () => {
      const { mail } = this.parts;
      keep(this.parts.key, draft, this.emailId);
      const identity = this.parts.identityOf(draft.identityId);
      const drafts = mailboxId(mail, "drafts");
      const sent = mailboxId(mail, "sent");
      if (identity === undefined) throw setProblem({ type: "forbiddenFrom" });
      const before = this.emailId;
      const { accountId } = mail.client;
      const batch = new Batch();
      const created = batch.add("Email/set", {
        accountId,
        create: {
          draft: {
            ...emailOf(draft, this.parts.write(draft), identity, drafts),
            // Recipients see when it was sent, not when it was written.
            ...(hold instanceof Date && { sentAt: hold.toISOString() }),
          },
        },
      });
      const submitted = batch.add("EmailSubmission/set", {
        accountId,
        create: {
          submission: { identityId: identity.id, emailId: "#draft", envelope: envelopeOf(draft, identity, hold) },
        },
        onSuccessUpdateEmail: {
          "#submission": {
            [`mailboxIds/${drafts}`]: null,
            [`mailboxIds/${sent}`]: true,
            "keywords/$draft": null,
          },
        },
      });
      await mail.client.send(batch);
      const refused = created.answer().notCreated?.draft;
      if (refused) throw setProblem(refused);
      const id = String(created.answer().created?.draft?.id ?? "");
      this.emailId = id;
      this.parts.onSaved(id);
      const problem = submitted.problem() ?? submissionProblem(submitted.answer().notCreated?.submission);
      // The draft from before is no longer needed either way: the new one holds everything.
      await this.destroy(before).catch(() => {});
      if (problem !== null) throw problem;
      this.ended = true;
      forget(this.parts.key);
      await this.mark(draft);
      await mail.changed().catch(() => {});
      const submission = submitted.answer().created?.submission as Partial<EmailSubmission> | undefined;
      return { held: submission?.undoStatus === "pending", submissionId: String(submission?.id ?? ""), emailId: id };
    });
  }

  /** Throws the mail away, on the server too. Gives back what brings it back. */
  async discard(): Promise<Id | null> {
    clearTimeout(this.timer);
    return this.inTurn(async () => {
      this.ended = true;
      forget(this.parts.key);
      return this.emailId;
    });
  }

  /** Stops without saving anything more. */
  stop() {
    clearTimeout(this.timer);
  }

  private async create(draft: Draft): Promise<Id> {
    const { mail } = this.parts;
    const email = emailOf(
      draft,
      this.parts.write(draft),
      this.parts.identityOf(draft.identityId),
      mailboxId(mail, "drafts"),
    );
    const answer = await mail.client.call("Email/set", { create: { draft: email } });
    const refused = answer.notCreated?.draft;
    if (refused) throw setProblem(refused);
    return String(answer.created?.draft?.id ?? "");
  }

  // A draft that stays behind is a nuisance, not a loss: it is no reason to say that saving failed.
  private async destroy(id: Id | null): Promise<void> {
    if (id === null) return;
    await this.parts.mail.client.call("Email/set", { destroy: [id] }).catch(() => {});
  }

  private async mark(draft: Draft) {
    if (draft.answers === null) return;
    const { emailId, keyword } = draft.answers;
    await this.parts.mail.send([[emailId, { [`keywords/${keyword}`]: true }]]).catch(() => {});
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.work.then(work, work);
    this.work = next.catch(() => {});
    return next;
  }
}

/** With what SMTP would be told of a mail that does not leave at once (RFC 4865); else the server makes the envelope. */
function envelopeOf(draft: Draft, { email }: Identity, hold: number | Date | null): object | null {
  if (hold === null) return null;
  const parameters = hold instanceof Date ? { HOLDUNTIL: hold.toISOString() } : { HOLDFOR: String(hold) };
  const recipients = new Set([...draft.to, ...draft.cc, ...draft.bcc].map((one) => one.email));
  return { mailFrom: { email, parameters }, rcptTo: [...recipients].map((address) => ({ email: address })) };
}

function submissionProblem(error: Parameters<typeof setProblem>[0] | undefined): ApiProblem | null {
  return error === undefined ? null : setProblem(error);
}

function mailboxId(mail: MailStore, role: "drafts" | "sent"): Id {
  const mailbox = mail.mailboxOf(role);
  if (mailbox === undefined) throw setProblem({ type: "notFound" });
  return mailbox.id;
}
