/** Where things are; the only place that writes addresses down. */
export const paths = {
  inbox: "/mail/inbox",
  contacts: "/contacts",
  profile: "/account",
  security: "/account/security",
  clients: "/account/clients",
  recovery: "/account/recovery",
  preferences: "/account/preferences",
  console: "/admin",
  signIn: (next: string) => `/login?next=${encodeURIComponent(next)}`,
} as const;
