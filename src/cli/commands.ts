import type { CommandEntry } from "./command-module.ts";

const mesh = "Mesh:";
const objects = "Objects:";
const checks = "Checks:";
const proxies = "Proxies:";
const security = "Security:";
const cluster = "Cluster:";
const other = "Other:";
const node = "Node:";

/** Every command. A command's file is loaded when it runs, so that help comes at once. */
export const commands: readonly CommandEntry[] = [
  {
    name: "up",
    group: mesh,
    summary: "run a mesh on this machine from folders of YAML",
    load: () => import("./commands/up.ts"),
  },
  { name: "down", group: mesh, summary: "stop a mesh of this machine", load: () => import("./commands/down.ts") },
  {
    name: "status",
    group: mesh,
    summary: "show the mesh and its workloads",
    load: () => import("./commands/status.ts"),
  },
  {
    name: "graph",
    group: mesh,
    summary: "print who calls whom, how often and how well",
    load: () => import("./commands/graph.ts"),
  },
  {
    name: "logs",
    group: mesh,
    summary: "print logs of applications and proxies",
    load: () => import("./commands/logs.ts"),
  },
  { name: "tap", group: mesh, summary: "watch requests as they pass", load: () => import("./commands/tap.ts") },
  {
    name: "traces",
    group: mesh,
    summary: "show single requests on their way, step by step",
    load: () => import("./commands/traces.ts"),
  },
  { name: "load", group: mesh, summary: "send requests at a steady rate", load: () => import("./commands/load.ts") },
  {
    name: "serve",
    group: mesh,
    summary: "run the control plane alone",
    load: () => import("./commands/serve.ts"),
  },
  { name: "get", group: objects, summary: "list objects, or show one", load: () => import("./commands/get.ts") },
  { name: "apply", group: objects, summary: "create or change objects", load: () => import("./commands/apply.ts") },
  { name: "delete", group: objects, summary: "delete objects", load: () => import("./commands/delete.ts") },
  {
    name: "changes",
    group: objects,
    summary: "list what was applied and deleted",
    load: () => import("./commands/changes.ts"),
  },
  {
    name: "audit",
    group: objects,
    summary: "list who tried to change what",
    load: () => import("./commands/audit.ts"),
  },
  { name: "undo", group: objects, summary: "take a change back", load: () => import("./commands/undo.ts") },
  {
    name: "analyze",
    group: checks,
    summary: "find what is wrong with a configuration",
    load: () => import("./commands/analyze.ts"),
  },
  {
    name: "check",
    group: checks,
    summary: "go through a cluster's mesh and say what is not well",
    load: () => import("./commands/check.ts"),
  },
  {
    name: "policy",
    group: security,
    summary: "say who may call what: denials, what decides, and policies learned from traffic",
    load: () => import("./commands/policy.ts"),
  },
  {
    name: "strict",
    group: security,
    summary: "list who speaks plaintext to a namespace, and allow mutual TLS alone",
    load: () => import("./commands/strict.ts"),
  },
  {
    name: "validate",
    group: checks,
    summary: "check objects one by one, offline",
    load: () => import("./commands/validate.ts"),
  },
  {
    name: "inject",
    aliases: ["kube-inject"],
    group: objects,
    summary: "add sidecars to Pods in files",
    load: () => import("./commands/inject.ts"),
  },
  {
    name: "explain",
    group: checks,
    summary: "say what a code means, offline",
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "proxy-status",
    aliases: ["ps"],
    group: proxies,
    summary: "show which proxies are in sync",
    load: () => import("./commands/proxy-status.ts"),
  },
  {
    name: "proxy-config",
    aliases: ["pc"],
    group: proxies,
    summary: "show what a proxy was configured with",
    load: () => import("./commands/proxy-config.ts"),
  },
  {
    name: "certs",
    group: checks,
    summary: "show every certificate of the mesh and when it ends",
    load: () => import("./commands/certs.ts"),
  },
  {
    name: "install",
    group: cluster,
    summary: "put the control plane into a cluster",
    load: () => import("./commands/install.ts"),
  },
  {
    name: "uninstall",
    group: cluster,
    summary: "take it out again, after writing a bundle",
    load: () => import("./commands/uninstall.ts"),
  },
  {
    name: "restore",
    group: cluster,
    summary: "put back what a bundle holds",
    load: () => import("./commands/restore.ts"),
  },
  {
    name: "tag",
    group: cluster,
    summary: "give revisions names that namespaces choose",
    load: () => import("./commands/tag.ts"),
  },
  {
    name: "describe",
    group: proxies,
    summary: "say what holds for a Pod or a Service of a cluster",
    load: () => import("./commands/describe.ts"),
  },
  {
    name: "check-inject",
    group: proxies,
    summary: "say why a Pod of a cluster has a proxy, or has none",
    load: () => import("./commands/check-inject.ts"),
  },
  {
    name: "dashboard",
    aliases: ["dash", "d"],
    group: proxies,
    summary: "open the console, or a proxy's admin interface",
    load: () => import("./commands/dashboard.ts"),
  },
  {
    name: "bug-report",
    group: other,
    summary: "gather what explains a fault into a file, without secrets",
    load: () => import("./commands/bug-report.ts"),
  },
  { name: "version", group: other, summary: "show versions", load: () => import("./commands/version.ts") },
  {
    name: "completion",
    group: other,
    summary: "print a completion script for bash, zsh or fish",
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "cni",
    group: node,
    summary: "run the agent of a Kubernetes node, which redirects Pods' traffic",
    load: () => import("./commands/cni.ts"),
  },
];

/** A command by its name or alias. */
export function findCommand(name: string): CommandEntry | undefined {
  return commands.find((c) => c.name === name || c.aliases?.includes(name));
}
