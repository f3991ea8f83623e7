import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { api } from "@yanshu/api";
import { newQueryClient, q } from "@yanshu/api/query";
import { paths } from "./paths";
import { sessionQuery } from "./session/session";
import { FailedPage } from "./shell/FailedPage";
import { MailShell } from "./shell/MailShell";
import { MissingPage } from "./shell/MissingPage";
import { WaitingPage } from "./shell/WaitingPage";

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
  component: lazyRouteComponent(() => import("./features/account/ProfilePage"), "ProfilePage"),
});

const security = createRoute({
  getParentRoute: () => signedIn,
  path: paths.security,
  loader: () => queryClient.ensureQueryData(q(api.listSessions)),
  component: lazyRouteComponent(() => import("./features/account/SecurityPage"), "SecurityPage"),
});

const clients = createRoute({
  getParentRoute: () => signedIn,
  path: paths.clients,
  loader: () =>
    Promise.all([
      queryClient.ensureQueryData(q(api.getClientSettings)),
      queryClient.ensureQueryData(q(api.listClientPasswords)),
    ]),
  component: lazyRouteComponent(() => import("./features/account/ClientsPage"), "ClientsPage"),
});

const preferences = createRoute({
  getParentRoute: () => signedIn,
  path: paths.preferences,
  component: lazyRouteComponent(() => import("./features/account/PreferencesPage"), "PreferencesPage"),
});

// Until there is mail to read, the account is what a member has.
const mail = createRoute({
  getParentRoute: () => root,
  path: "/mail",
  beforeLoad: () => {
    throw redirect({ to: paths.profile, replace: true });
  },
});
const mailBelow = createRoute({
  getParentRoute: () => root,
  path: "/mail/$",
  beforeLoad: () => {
    throw redirect({ to: paths.profile, replace: true });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([signedIn.addChildren([profile, security, clients, preferences]), mail, mailBelow]),
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
