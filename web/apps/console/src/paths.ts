import type { MemberSearch } from "./features/members/memberSearch";

/** Where the console lives on the server. */
export const consoleBase = "/admin";

/** Every address of the console, relative to its base `/admin`. Links are made from these and from nothing else. */
export const paths = {
  signIn: "/login",
  overview: "/",
  members: "/members",
  imports: "/imports",
  newImport: "/imports/new",
  import: "/imports/$importId",
  domains: "/domains",
  domain: "/domains/$domainId",
  queue: "/queue",
  administrators: "/administrators",
  audit: "/audit",
  organisation: "/settings/organisation",
  passwordPolicy: "/settings/password-policy",
  serviceClasses: "/settings/service-classes",
} as const;

/** The members page of these filters, as link properties. */
export function membersLink(search: MemberSearch) {
  return { to: paths.members, search } as const;
}

/** Outside the console: the reader's own account. */
export const ownAccount = "/account";
