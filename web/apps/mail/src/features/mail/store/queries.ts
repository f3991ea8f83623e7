import { queryOptions } from "@tanstack/react-query";
import {
  Batch,
  type Email,
  fetchMailboxes,
  type Id,
  type Identity,
  type JmapClient,
  type KnownMailboxes,
} from "@yanshu/api/jmap";

export const keys = {
  client: ["jmap", "client"],
  mailboxes: ["jmap", "mailboxes"],
  identities: ["jmap", "identities"],
  threads: ["jmap", "thread"],
  bodies: ["jmap", "body"],
  snippets: ["jmap", "snippet"],
  scheduled: ["jmap", "scheduled"],
} as const;

const forGood = Number.POSITIVE_INFINITY;

/** All mailboxes; pushes keep them fresh. */
export const mailboxesQuery = (client: JmapClient) =>
  queryOptions<KnownMailboxes>({
    queryKey: keys.mailboxes,
    queryFn: () => fetchMailboxes(client),
    staleTime: forGood,
  });

export const identitiesQuery = (client: JmapClient) =>
  queryOptions<Identity[]>({
    queryKey: keys.identities,
    queryFn: async () => (await client.call("Identity/get", { ids: null })).list,
    staleTime: 600_000,
  });

const headProperties = [
  "id",
  "blobId",
  "threadId",
  "mailboxIds",
  "keywords",
  "size",
  "receivedAt",
  "messageId",
  "references",
  "sender",
  "from",
  "to",
  "cc",
  "bcc",
  "replyTo",
  "subject",
  "sentAt",
  "hasAttachment",
  "preview",
] as const;

/** What is shown of a mail before its body. */
export type MailHead = Pick<Email, (typeof headProperties)[number]>;

export interface ThreadMails {
  id: Id;
  /** Oldest first. */
  mails: MailHead[];
}

/** The mails of a thread. */
export const threadQuery = (client: JmapClient, id: Id) =>
  queryOptions<ThreadMails>({
    queryKey: [...keys.threads, id],
    queryFn: async ({ signal }) => {
      const { accountId } = client;
      const batch = new Batch();
      const threads = batch.add("Thread/get", { accountId, ids: [id] });
      const emails = batch.add("Email/get", {
        accountId,
        "#ids": threads.ref("/list/*/emailIds"),
        properties: headProperties,
      });
      await client.send(batch, signal);
      threads.answer();
      const mails = (emails.answer().list as MailHead[]).sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
      return { id, mails };
    },
  });

const bodyProperties = ["id", "textBody", "htmlBody", "attachments", "bodyValues"] as const;
export type MailBody = Pick<Email, (typeof bodyProperties)[number]>;

/** Longer texts are shown cut off, with the whole to download. */
const longestText = 512 * 1024;

/** What a mail says. It never changes, so it is never asked for twice. */
export const bodyQuery = (client: JmapClient, id: Id) =>
  queryOptions<MailBody | null>({
    queryKey: [...keys.bodies, id],
    queryFn: async () => {
      const { list } = await client.call("Email/get", {
        ids: [id],
        properties: bodyProperties,
        bodyProperties: ["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid"],
        fetchTextBodyValues: true,
        maxBodyValueBytes: longestText,
      });
      return (list[0] as MailBody | undefined) ?? null;
    },
    staleTime: forGood,
  });
