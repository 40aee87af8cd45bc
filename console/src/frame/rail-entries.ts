import type { IconName } from "../icons/icon.tsx";

/** What stands in the rail, from top to bottom: a page is one line here and one route in router.tsx. */
export const railEntries = [
  { to: "/traffic", label: "Traffic", icon: "traffic" },
  { to: "/workloads", label: "Workloads", icon: "workloads" },
  { to: "/config", label: "Config", icon: "config" },
] as const satisfies readonly { readonly to: string; readonly label: string; readonly icon: IconName }[];
