import type { EmailAddress, Id } from "@yanshu/api/jmap";

/** What a new window begins with. */
export type Seed =
  | { kind: "new"; to?: EmailAddress[]; subject?: string; text?: string }
  | { kind: "reply" | "replyAll" | "forward"; emailId: Id }
  /** A draft of the account. */
  | { kind: "draft"; emailId: Id }
  /** What this device kept of a mail that could not be saved. */
  | { kind: "kept"; keptKey: string };
