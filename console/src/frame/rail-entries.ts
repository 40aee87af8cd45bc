import type { IconName } from "../icons/icon.tsx";

interface RailEntry {
  readonly to: string;
  readonly label: string;
  readonly icon: IconName;
}

/** What stands in the rail, from top to bottom, in groups between hairlines: a page is one line here and one route in router.tsx. */
export const railGroups = [
  [
    { to: "/overview", label: "Overview", icon: "overview" },
    { to: "/traffic", label: "Traffic", icon: "traffic" },
    { to: "/traces", label: "Traces", icon: "traces" },
    { to: "/tap", label: "Tap", icon: "tap" },
  ],
  [
    { to: "/namespaces", label: "Namespaces", icon: "namespaces" },
    { to: "/applications", label: "Applications", icon: "applications" },
    { to: "/services", label: "Services", icon: "services" },
    { to: "/workloads", label: "Workloads", icon: "workloads" },
    { to: "/gateways", label: "Gateways", icon: "gateways" },
    { to: "/outside", label: "Outside", icon: "outside" },
  ],
  [
    { to: "/config", label: "Config", icon: "config" },
    { to: "/findings", label: "Findings", icon: "findings" },
  ],
  [
    { to: "/certificates", label: "Certificates", icon: "certificates" },
    { to: "/sync", label: "Sync", icon: "sync" },
    { to: "/mesh", label: "Mesh", icon: "mesh" },
    { to: "/check", label: "Check", icon: "checks" },
    { to: "/audit", label: "Audit", icon: "user" },
  ],
] as const satisfies readonly (readonly RailEntry[])[];

/** Address of a page that stands in the rail. */
export type PagePath = (typeof railGroups)[number][number]["to"];
