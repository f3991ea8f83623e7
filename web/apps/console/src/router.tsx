import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { asProblem } from "@yanshu/api";
import { EmptyState, ErrorState, LoadingSkeleton } from "@yanshu/ui";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { readAuditSearch } from "./features/audit/auditSearch";
import { readImportSearch } from "./features/imports/importSearch";
import { readMemberSearch } from "./features/members/memberSearch";
import { readQueueSearch } from "./features/queue/queueSearch";
import { consoleBase, paths } from "./paths";
import type { Session } from "./server/types";
import { sessionQuery } from "./session/session";
import { Shell } from "./shell/Shell";

interface Context {
  client: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound });

/** The session, or nobody. Anything else that went wrong is for the error page. */
async function whoIsIt(client: QueryClient): Promise<Session | undefined> {
  try {
    return await client.ensureQueryData(sessionQuery());
  } catch (cause) {
    if (asProblem(cause).isSignedOut) return undefined;
    throw cause;
  }
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: paths.signIn,
  validateSearch: (raw: Record<string, unknown>): { next?: string } =>
    typeof raw.next === "string" ? { next: raw.next } : {},
  loader: async ({ context }) => {
    const session = await whoIsIt(context.client).catch(() => undefined);
    if (session?.stage === "full") throw redirect({ to: paths.overview });
    return { pending: session };
  },
  component: lazyRouteComponent(() => import("./features/sign-in/SignInPage"), "SignInPage"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    const session = await whoIsIt(context.client);
    if (session?.stage !== "full") {
      throw redirect({
        to: paths.signIn,
        search: location.pathname === "/" ? {} : { next: consoleBase + location.href },
      });
    }
  },
  component: Shell,
  errorComponent: Broken,
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: paths.overview,
  component: lazyRouteComponent(() => import("./features/overview/OverviewPage"), "OverviewPage"),
});

const members = createRoute({
  getParentRoute: () => shell,
  path: paths.members,
  validateSearch: readMemberSearch,
  component: lazyRouteComponent(() => import("./features/members/MembersPage"), "MembersPage"),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: paths.imports,
  component: lazyRouteComponent(() => import("./features/imports/ImportsPage"), "ImportsPage"),
});

const newImport = createRoute({
  getParentRoute: () => shell,
  path: paths.newImport,
  component: lazyRouteComponent(() => import("./features/imports/NewImportPage"), "NewImportPage"),
});

const oneImport = createRoute({
  getParentRoute: () => shell,
  path: paths.import,
  validateSearch: readImportSearch,
  component: lazyRouteComponent(() => import("./features/imports/ImportPage"), "ImportPage"),
});

const domains = createRoute({
  getParentRoute: () => shell,
  path: paths.domains,
  component: lazyRouteComponent(() => import("./features/domains/DomainsPage"), "DomainsPage"),
});

const domain = createRoute({
  getParentRoute: () => shell,
  path: paths.domain,
  component: lazyRouteComponent(() => import("./features/domains/DomainPage"), "DomainPage"),
});

const queue = createRoute({
  getParentRoute: () => shell,
  path: paths.queue,
  validateSearch: readQueueSearch,
  component: lazyRouteComponent(() => import("./features/queue/QueuePage"), "QueuePage"),
});

const administrators = createRoute({
  getParentRoute: () => shell,
  path: paths.administrators,
  component: lazyRouteComponent(() => import("./features/administrators/AdministratorsPage"), "AdministratorsPage"),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: paths.audit,
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("./features/audit/AuditPage"), "AuditPage"),
});

const organisation = createRoute({
  getParentRoute: () => shell,
  path: paths.organisation,
  component: lazyRouteComponent(() => import("./features/organisation/OrganisationPage"), "OrganisationPage"),
});

const passwordPolicy = createRoute({
  getParentRoute: () => shell,
  path: paths.passwordPolicy,
  component: lazyRouteComponent(() => import("./features/organisation/PasswordPolicyPage"), "PasswordPolicyPage"),
});

const serviceClasses = createRoute({
  getParentRoute: () => shell,
  path: paths.serviceClasses,
  component: lazyRouteComponent(() => import("./features/service-classes/ServiceClassesPage"), "ServiceClassesPage"),
});

const routeTree = root.addChildren([
  signIn,
  shell.addChildren([
    overview,
    members,
    imports,
    newImport,
    oneImport,
    domains,
    domain,
    queue,
    administrators,
    audit,
    organisation,
    passwordPolicy,
    serviceClasses,
  ]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    basepath: consoleBase,
    context: { client },
    defaultPreload: "intent",
    defaultPendingMs: 200,
    defaultPendingComponent: () => <LoadingSkeleton rows={8} />,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

function Broken({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <div style={{ padding: 24 }}>
      <ErrorState problem={asProblem(error)} title={t("states.failed")} onRetry={reset} />
    </div>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState
      title={t("states.noPage")}
      text={t("states.noPageHelp")}
      action={
        <Button type="primary" href={consoleBase}>
          {t("states.toOverview")}
        </Button>
      }
    />
  );
}
