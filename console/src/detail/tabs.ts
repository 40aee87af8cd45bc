import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Subject, SubjectKind } from "./subject.ts";

/** What a tab is given. What else it needs it asks for itself, keyed by what stands in `subject`. */
export interface TabProps {
  readonly subject: Subject;
}

interface Tab {
  /** As it stands in the address: `?tab=logs`. */
  readonly id: string;
  readonly label: string;
  /** Details that have it. */
  readonly kinds: readonly SubjectKind[];
  readonly component: LazyExoticComponent<ComponentType<TabProps>>;
}

/** Tabs after the overview, in their order. A topic brings one by a line here; it is loaded when it is first opened. */
const tabs: readonly Tab[] = [
  {
    id: "traffic",
    label: "Traffic",
    kinds: ["namespace", "application", "service", "workload", "gateway", "external"],
    component: lazy(() => import("./traffic-tab.tsx").then((m) => ({ default: m.TrafficTab }))),
  },
  {
    id: "metrics",
    label: "Metrics",
    kinds: ["application", "service", "workload", "gateway", "external", "namespace"],
    component: lazy(() => import("../metrics/metrics-tab.tsx").then((m) => ({ default: m.MetricsTab }))),
  },
  {
    id: "traces",
    label: "Traces",
    kinds: ["application", "service", "workload", "gateway", "external"],
    component: lazy(() => import("../traces/traces-tab.tsx").then((m) => ({ default: m.TracesTab }))),
  },
  {
    id: "envoy",
    label: "Envoy",
    kinds: ["workload", "gateway"],
    component: lazy(() => import("../envoy/envoy-tab.tsx").then((m) => ({ default: m.EnvoyTab }))),
  },
  {
    id: "logs",
    label: "Logs",
    kinds: ["application", "workload", "gateway", "external"],
    component: lazy(() => import("../logs/logs-tab.tsx").then((m) => ({ default: m.LogsTab }))),
  },
];

/** The tabs that a detail of this kind has beside its overview. */
export function tabsOf(kind: SubjectKind): readonly Tab[] {
  return tabs.filter((tab) => tab.kinds.includes(kind));
}
