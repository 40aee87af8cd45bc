import { oneLine } from "../analyze/print.ts";
import type { Reported } from "../analyze/reported.ts";
import type { Colors } from "../output/colors.ts";
import type { PodStory } from "./pod.ts";
import type { ServiceStory } from "./service.ts";

/** A Pod's story for people. */
export function podText(story: PodStory, findings: readonly Reported[], colors: Colors): string {
  const ports = story.containerPorts.map(({ port, container }) => `${port} (${container})`).join(", ");
  const portModes = Object.entries(story.mtls.ports).map(([port, mode]) => `port ${port} ${mode}`);
  const by = story.mtls.by.length === 0 ? "the default" : story.mtls.by.join(", ");
  return [
    colors.bold(`Pod ${story.pod}`),
    `  Proxy: ${story.proxy}${story.revision === undefined ? "" : `, revision ${story.revision}`}`,
    `  Service account: ${story.serviceAccount}`,
    ...(ports === "" ? [] : [`  Container ports: ${ports}`]),
    `  Accepts: ${[story.mtls.mode, ...portModes].join(", ")} mTLS (${by})`,
    ...listed("  Applied to it", story.policies),
    ...warningLines(story.warnings, "  ", colors),
    ...story.services.flatMap((service) => ["", ...serviceLines(service, colors)]),
    ...findingLines(findings, colors),
    "",
  ].join("\n");
}

/** A Service's story for people. */
export function serviceText(story: ServiceStory, findings: readonly Reported[], colors: Colors): string {
  return [...serviceLines(story, colors), ...findingLines(findings, colors), ""].join("\n");
}

function serviceLines(story: ServiceStory, colors: Colors): string[] {
  return [
    colors.bold(`Service ${story.service}`),
    ...story.ports.map(({ port, protocol, targetPort }) => `  Port ${port} ${protocol} to ${targetPort}`),
    `  Pods: ${some(story.pods)}`,
    ...listed("  DestinationRule", story.destinationRules),
    ...(story.clientTls === undefined ? [] : [`    Callers' TLS: ${story.clientTls}`]),
    ...story.subsets.map(({ name, labels, pods }) => `    Subset ${name} (${labels || "all"}): ${some(pods)}`),
    ...story.routes.flatMap(({ virtualService, gateways, hosts, to }) => [
      `  VirtualService ${virtualService}, for ${hosts.join(", ")}, at ${gateways.map((g) => (g === "mesh" ? "sidecars" : `Gateway ${g}`)).join(", ")}`,
      ...to.map((route) => `    ${route}`),
    ]),
    ...listed("  Route", story.apiRoutes),
    ...warningLines(story.warnings, "  ", colors),
  ];
}

function warningLines(warnings: readonly string[], indent: string, colors: Colors): string[] {
  return warnings.map((warning) => `${indent}${colors.yellow("‼")} ${warning}`);
}

function findingLines(findings: readonly Reported[], colors: Colors): string[] {
  return findings.length === 0 ? [] : ["", colors.bold("Findings"), ...findings.map((f) => `  ${oneLine(f, colors)}`)];
}

function listed(title: string, names: readonly string[]): string[] {
  return names.map((name) => `${title}: ${name}`);
}

function some(names: readonly string[]): string {
  if (names.length === 0) return "none";
  return names.length <= 4 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}
