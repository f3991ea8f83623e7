import type { QueueAnswer } from "../../server/types";

/** What an answer comes to, told by its enhanced status (RFC 3463). The notices to senders know the same cases (`mail/outbound/reasons.rs`). */
export type AnswerReason =
  | "taken"
  | "noAddress"
  | "noDomain"
  | "noMail"
  | "full"
  | "closed"
  | "tooLarge"
  | "gaveUp"
  | "circle"
  | "dns"
  | "unreachable"
  | "brokenOff"
  | "addressLetters"
  | "content"
  | "encryption"
  | "policy"
  | "notByPolicy"
  | "here"
  | "notNow"
  | "refused";

export function answerReason({ status, host, code }: Pick<QueueAnswer, "status" | "host" | "code">): AnswerReason {
  const [kind, subject, detail] = status.split(".");
  if (kind === "2") return "taken";
  const forNow = kind === "4";
  switch (subject) {
    case "1":
      if (detail === "2") return "noDomain";
      if (detail === "10") return "noMail";
      if (!forNow && ["0", "1", "3", "6"].includes(detail ?? "")) return "noAddress";
      break;
    case "2":
      if (detail === "1") return "closed";
      if (detail === "2") return "full";
      if (detail === "3") return "tooLarge";
      break;
    case "3":
      if (detail === "4") return "tooLarge";
      // Nobody was asked: this server could not begin.
      if (host === null && code === null) return "here";
      break;
    case "4":
      if (detail === "2") return "brokenOff";
      if (detail === "3") return "dns";
      if (detail === "6") return "circle";
      if (detail === "7") return "gaveUp";
      return "unreachable";
    case "6":
      return detail === "7" ? "addressLetters" : "content";
    case "7":
      // A code would be an answer to the mail; without one no encrypted connection came about.
      if (detail === "5" && code === null) return "encryption";
      return forNow ? "notByPolicy" : "policy";
  }
  return forNow ? "notNow" : "refused";
}

/** The answer as it was given: code, status, words. */
export function answerLine({ code, status, text }: Pick<QueueAnswer, "code" | "status" | "text">): string {
  return [code, status, text].filter((part) => part !== null && part !== "").join(" ");
}
