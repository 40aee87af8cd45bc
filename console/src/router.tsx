import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { readAudit } from "./audit/search.ts";
import { readCertificates } from "./certificates/search.ts";
import { readConfigSearch } from "./config/filters.ts";
import { readWizard } from "./config/wizards/address.ts";
import { readDetail } from "./detail/detail-search.ts";
import { readFindings } from "./findings/search.ts";
import { Frame } from "./frame/frame.tsx";
import { readView, type ViewSearch } from "./frame/view.ts";
import { Empty, Failure } from "./notes/notes.tsx";
import { live } from "./session.ts";
import type { TableAddress } from "./table/data-table.tsx";
import { readTap } from "./tap/tap-search.ts";
import { readTrace, readTraces } from "./traces/search.ts";
import { readTrafficSearch } from "./traffic/search.ts";

const root = createRootRoute({
  component: () => <Frame live={live} />,
  validateSearch: (search: Record<string, unknown>): ViewSearch => readView(search),
  search: { middlewares: [retainSearchParams(["ns", "window", "refresh"])] },
  notFoundComponent: () => (
    <Empty title="There is no such page">The address leads nowhere here. The rail on the left leads on.</Empty>
  ),
  errorComponent: ({ error }) => <Failure error={error instanceof Error ? error : new Error(String(error))} />,
});

function readTable(search: Readonly<Record<string, unknown>>): TableAddress {
  const text = (name: string) => (typeof search[name] === "string" ? { [name]: search[name] } : {});
  return { ...text("q"), ...text("sort") };
}

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/traffic", replace: true });
  },
});

const traffic = createRoute({
  getParentRoute: () => root,
  path: "/traffic",
  validateSearch: readTrafficSearch,
  component: lazyRouteComponent(() => import("./traffic/traffic-page.tsx"), "TrafficPage"),
});
const trafficNode = createRoute({
  getParentRoute: () => traffic,
  path: "node/$",
  component: lazyRouteComponent(() => import("./traffic/node-drawer.tsx"), "NodeDrawer"),
});
const trafficEdge = createRoute({
  getParentRoute: () => traffic,
  path: "edge/$",
  component: lazyRouteComponent(() => import("./traffic/edge-drawer.tsx"), "EdgeDrawer"),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: "/traces",
  validateSearch: readTraces,
  component: lazyRouteComponent(() => import("./traces/traces-page.tsx"), "TracesPage"),
});
const trace = createRoute({
  getParentRoute: () => traces,
  path: "$id",
  validateSearch: readTrace,
  component: lazyRouteComponent(() => import("./traces/trace-drawer.tsx"), "TraceDrawer"),
});

const workloads = createRoute({
  getParentRoute: () => root,
  path: "/workloads",
  validateSearch: readTable,
  component: lazyRouteComponent(() => import("./workloads/workloads-page.tsx"), "WorkloadsPage"),
});
const workload = createRoute({
  getParentRoute: () => workloads,
  path: "$namespace/$name",
  validateSearch: readDetail,
  component: lazyRouteComponent(() => import("./workloads/workload-drawer.tsx"), "WorkloadDrawer"),
});

const overview = createRoute({
  getParentRoute: () => root,
  path: "/overview",
  component: lazyRouteComponent(() => import("./overview/overview-page.tsx"), "OverviewPage"),
});
const mesh = createRoute({
  getParentRoute: () => root,
  path: "/mesh",
  component: lazyRouteComponent(() => import("./mesh/mesh-page.tsx"), "MeshPage"),
});
const namespaces = createRoute({
  getParentRoute: () => root,
  path: "/namespaces",
  validateSearch: readTable,
  component: lazyRouteComponent(() => import("./namespaces/namespaces-page.tsx"), "NamespacesPage"),
});
const namespace = createRoute({
  getParentRoute: () => namespaces,
  path: "$name",
  validateSearch: readDetail,
  component: lazyRouteComponent(() => import("./namespaces/namespace-drawer.tsx"), "NamespaceDrawer"),
});

const applications = createRoute({
  getParentRoute: () => root,
  path: "/applications",
  validateSearch: readTable,
  component: lazyRouteComponent(() => import("./applications/applications-page.tsx"), "ApplicationsPage"),
});
const application = createRoute({
  getParentRoute: () => applications,
  path: "$namespace/$name",
  validateSearch: readDetail,
  component: lazyRouteComponent(() => import("./applications/application-drawer.tsx"), "ApplicationDrawer"),
});

const services = createRoute({
  getParentRoute: () => root,
  path: "/services",
  validateSearch: readTable,
  component: lazyRouteComponent(() => import("./services/services-page.tsx"), "ServicesPage"),
});
const service = createRoute({
  getParentRoute: () => services,
  path: "$namespace/$name",
  validateSearch: readDetail,
  component: lazyRouteComponent(() => import("./services/service-drawer.tsx"), "ServiceDrawer"),
});

const gateways = createRoute({
  getParentRoute: () => root,
  path: "/gateways",
  validateSearch: readTable,
  component: lazyRouteComponent(() => import("./gateways/gateways-page.tsx"), "GatewaysPage"),
});
const gateway = createRoute({
  getParentRoute: () => gateways,
  path: "$namespace/$name",
  validateSearch: readDetail,
  component: lazyRouteComponent(() => import("./gateways/gateway-drawer.tsx"), "GatewayDrawer"),
});

const externals = createRoute({
  getParentRoute: () => root,
  path: "/outside",
  validateSearch: readTable,
  component: lazyRouteComponent(() => import("./external/externals-page.tsx"), "ExternalsPage"),
});
const external = createRoute({
  getParentRoute: () => externals,
  path: "host/$",
  validateSearch: readDetail,
  component: lazyRouteComponent(() => import("./external/external-drawer.tsx"), "ExternalDrawer"),
});

const tap = createRoute({
  getParentRoute: () => root,
  path: "/tap",
  validateSearch: (search: Record<string, unknown>) => ({ ...readTable(search), ...readTap(search) }),
  component: lazyRouteComponent(() => import("./tap/tap-page.tsx"), "TapPage"),
});
const tapRequest = createRoute({
  getParentRoute: () => tap,
  path: "$request",
  component: lazyRouteComponent(() => import("./tap/tap-drawer.tsx"), "TapDrawer"),
});

const config = createRoute({
  getParentRoute: () => root,
  path: "/config",
  validateSearch: (search: Record<string, unknown>) => ({ ...readTable(search), ...readConfigSearch(search) }),
  component: lazyRouteComponent(() => import("./config/config-page.tsx"), "ConfigPage"),
});
const configObject = createRoute({
  getParentRoute: () => config,
  path: "$type/$namespace/$name",
  component: lazyRouteComponent(() => import("./config/config-drawer.tsx"), "ConfigDrawer"),
});
const configChanges = createRoute({
  getParentRoute: () => config,
  path: "changes",
  component: lazyRouteComponent(() => import("./config/edit/changes-drawer.tsx"), "ChangesDrawer"),
});
const configDeleted = createRoute({
  getParentRoute: () => config,
  path: "deleted",
  component: lazyRouteComponent(() => import("./config/edit/deleted-drawer.tsx"), "DeletedDrawer"),
});
const configEdit = createRoute({
  getParentRoute: () => root,
  path: "/config/edit/$type/$namespace/$name",
  component: lazyRouteComponent(() => import("./config/edit/edit-page.tsx"), "EditPage"),
});
const configNew = createRoute({
  getParentRoute: () => root,
  path: "/config/new",
  component: lazyRouteComponent(() => import("./config/wizards/gallery-page.tsx"), "GalleryPage"),
});
const configWizard = createRoute({
  getParentRoute: () => root,
  path: "/config/new/$wizard",
  validateSearch: readWizard,
  component: lazyRouteComponent(() => import("./config/wizards/wizard-page.tsx"), "WizardPage"),
});
const configNewYaml = createRoute({
  getParentRoute: () => root,
  path: "/config/new/yaml",
  component: lazyRouteComponent(() => import("./config/edit/edit-page.tsx"), "NewYamlPage"),
});
const finding = createRoute({
  getParentRoute: () => config,
  path: "finding",
  validateSearch: (search: Record<string, unknown>) => ({ at: String(search["at"] ?? "") }),
  component: lazyRouteComponent(() => import("./config/config-drawer.tsx"), "FindingDrawer"),
});

const certificates = createRoute({
  getParentRoute: () => root,
  path: "/certificates",
  validateSearch: (search: Record<string, unknown>) => ({ ...readTable(search), ...readCertificates(search) }),
  component: lazyRouteComponent(() => import("./certificates/certificates-page.tsx"), "CertificatesPage"),
});
const sync = createRoute({
  getParentRoute: () => root,
  path: "/sync",
  validateSearch: readTable,
  component: lazyRouteComponent(() => import("./sync/sync-page.tsx"), "SyncPage"),
});
const check = createRoute({
  getParentRoute: () => root,
  path: "/check",
  component: lazyRouteComponent(() => import("./check/check-page.tsx"), "CheckPage"),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>) => ({ ...readTable(search), ...readAudit(search) }),
  component: lazyRouteComponent(() => import("./audit/audit-page.tsx"), "AuditPage"),
});
const findings = createRoute({
  getParentRoute: () => root,
  path: "/findings",
  validateSearch: (search: Record<string, unknown>) => ({ ...readTable(search), ...readFindings(search) }),
  component: lazyRouteComponent(() => import("./findings/findings-page.tsx"), "FindingsPage"),
});
const findingCode = createRoute({
  getParentRoute: () => findings,
  path: "$code",
  component: lazyRouteComponent(() => import("./findings/finding-drawer.tsx"), "FindingDrawer"),
});

const tree = root.addChildren([
  home,
  traffic.addChildren([trafficNode, trafficEdge]),
  overview,
  mesh,
  namespaces.addChildren([namespace]),
  applications.addChildren([application]),
  services.addChildren([service]),
  traces.addChildren([trace]),
  workloads.addChildren([workload]),
  gateways.addChildren([gateway]),
  externals.addChildren([external]),
  certificates,
  sync,
  check,
  audit,
  tap.addChildren([tapRequest]),
  findings.addChildren([findingCode]),
  config.addChildren([configObject, finding, configChanges, configDeleted]),
  configEdit,
  configNew,
  configWizard,
  configNewYaml,
]);

/** All addresses of the console, below whatever prefix the page's base address has. */
export const router = createRouter({
  routeTree: tree,
  basepath: new URL(document.baseURI).pathname,
  defaultPreload: "intent",
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
