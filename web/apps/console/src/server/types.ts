import type { components } from "@yanshu/api";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Permission = Schemas["Permission"];
export type AdministratorRole = Schemas["AdministratorRole"];
export type Overview = Schemas["Overview"];
export type Organisation = Schemas["Organisation"];
export type OrganisationPatch = Schemas["OrganisationPatch"];
export type PasswordPolicy = Schemas["PasswordPolicy"];
export type Domain = Schemas["Domain"];
export type DnsRecord = Schemas["DnsRecord"];
export type Department = Schemas["Department"];
export type Member = Schemas["Member"];
export type MemberRow = Schemas["MemberRow"];
export type MemberPatch = Schemas["MemberPatch"];
export type MemberState = Schemas["MemberState"];
export type CreatedMember = Schemas["CreatedMember"];
export type BatchAction = Schemas["BatchAction"];
export type BatchFilter = Schemas["BatchFilter"];
export type ServiceClass = Schemas["ServiceClass"];
export type Administrator = Schemas["Administrator"];
export type Import = Schemas["Import"];
export type ImportOptions = Schemas["ImportOptions"];
export type ImportRow = Schemas["ImportRow"];
export type ImportSummary = Schemas["ImportSummary"];
export type Job = Schemas["Job"];
export type AuditEvent = Schemas["AuditEvent"];
export type AuditReport = Schemas["AuditReport"];
export type QueueState = Schemas["QueueState"];
export type QueueMessage = Schemas["QueueMessage"];
export type QueueMessageDetails = Schemas["QueueMessageDetails"];
export type QueueRecipient = Schemas["QueueRecipient"];
export type QueueAnswer = Schemas["QueueAnswer"];

/** The states of a member in the order people meet them. */
export const memberStates = [
  "active",
  "pending",
  "suspended",
  "locked",
  "expired",
  "leaving",
  "recycled",
] as const satisfies readonly MemberState[];

/** The states of a recipient in the queue, those first about whom something may have to be done. */
export const queueStates = [
  "queued",
  "failed",
  "expired",
  "removed",
  "delivered",
] as const satisfies readonly QueueState[];
