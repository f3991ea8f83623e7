import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { api } from "@yanshu/api";
import { newQueryClient, q } from "@yanshu/api/query";
import { validateContactsSearch } from "./features/contacts/contactsSearch";
import { validateMailSearch } from "./features/mail/mailSearch";
import { mailboxesQuery } from "./features/mail/store/queries";
import { mailQuery } from "./features/mail/store/useMail";
import { paths } from "./paths";
import { sessionQuery } from "./session/session";
import { FailedPage } from "./shell/FailedPage";
import { MailShell } from "./shell/MailShell";
import { MissingPage } from "./shell/MissingPage";
import { NoMailPage } from "./shell/NoMailPage";
import { WaitingMailPage } from "./shell/WaitingMailPage";
import { WaitingPage } from "./shell/WaitingPage";
import { withTexts } from "./texts";

export const queryClient = newQueryClient();

const root = createRootRoute({
  notFoundComponent: MissingPage,
});

// Everything below needs a session that may do more than choose a password.
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: MailShell,
  beforeLoad: async ({ location: { href } }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session.stage !== "full") {
      location.assign(paths.signIn(href));
      // The browser is leaving; nothing below is to load meanwhile.
      await new Promise(() => {});
    }
  },
});

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: paths.profile,
  loader: () => queryClient.ensureQueryData(q(api.getAccount)),
  component: lazyRouteComponent(
    withTexts(() => import("./features/account/ProfilePage")),
    "ProfilePage",
  ),
});

const security = createRoute({
  getParentRoute: () => signedIn,
  path: paths.security,
  loader: () => queryClient.ensureQueryData(q(api.listSessions)),
  component: lazyRouteComponent(
    withTexts(() => import("./features/account/SecurityPage")),
    "SecurityPage",
  ),
});

const clients = createRoute({
  getParentRoute: () => signedIn,
  path: paths.clients,
  loader: () =>
    Promise.all([
      queryClient.ensureQueryData(q(api.getClientSettings)),
      queryClient.ensureQueryData(q(api.listClientPasswords)),
    ]),
  component: lazyRouteComponent(
    withTexts(() => import("./features/account/ClientsPage")),
    "ClientsPage",
  ),
});

const recovery = createRoute({
  getParentRoute: () => signedIn,
  path: paths.recovery,
  component: lazyRouteComponent(
    withTexts(() => import("./features/account/RecoveryPage")),
    "RecoveryPage",
  ),
});

const preferences = createRoute({
  getParentRoute: () => signedIn,
  path: paths.preferences,
  component: lazyRouteComponent(
    withTexts(() => import("./features/account/PreferencesPage")),
    "PreferencesPage",
  ),
});

const mail = createRoute({
  getParentRoute: () => signedIn,
  // One route for the list and for what is read beside it, so that opening a mail keeps the list as it stands.
  path: "/mail/$folder/{-$thread}",
  validateSearch: validateMailSearch,
  loader: async () => {
    const store = await queryClient.ensureQueryData(mailQuery(queryClient));
    await queryClient.ensureQueryData(mailboxesQuery(store.client));
  },
  component: lazyRouteComponent(() => import("./features/mail/MailPage"), "MailPage"),
  errorComponent: NoMailPage,
  pendingComponent: WaitingMailPage,
});

const scheduled = createRoute({
  getParentRoute: () => signedIn,
  path: "/mail/scheduled",
  loader: async () => {
    const store = await queryClient.ensureQueryData(mailQuery(queryClient));
    await queryClient.ensureQueryData(mailboxesQuery(store.client));
  },
  component: lazyRouteComponent(
    withTexts(() => import("./features/scheduled/ScheduledPage")),
    "ScheduledPage",
  ),
  errorComponent: NoMailPage,
});

const mailHome = createRoute({
  getParentRoute: () => root,
  path: "/mail",
  beforeLoad: () => {
    throw redirect({ to: "/mail/$folder/{-$thread}", params: { folder: "inbox", thread: undefined }, replace: true });
  },
});

const contacts = createRoute({
  getParentRoute: () => signedIn,
  path: paths.contacts,
  validateSearch: validateContactsSearch,
  component: lazyRouteComponent(
    withTexts(() => import("./features/contacts/ContactsPage")),
    "ContactsPage",
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signedIn.addChildren([mail, scheduled, contacts, profile, security, clients, recovery, preferences]),
    mailHome,
  ]),
  defaultPendingComponent: WaitingPage,
  defaultErrorComponent: FailedPage,
  defaultPreload: "intent",
  defaultPendingMs: 100,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
