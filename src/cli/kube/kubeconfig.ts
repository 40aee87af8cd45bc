import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import type { CliDeps } from "../deps.ts";
import { CliError, exitCodes } from "../exit.ts";

/** The options by which a cluster is chosen, as kubectl and istioctl have them. */
export interface KubeFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Whom to act as. */
  readonly as?: string;
  readonly asGroup?: readonly string[];
}

/** One cluster and one user of it, chosen. */
export interface KubeChoice {
  readonly config: KubeConfig;
  readonly context: string;
  /** The context's namespace; `default` where it names none. */
  readonly namespace: string;
  /** `--kubeconfig`, `KUBECONFIG`, `/home/me/.kube/config`, `this Pod`. */
  readonly from: string;
}

type Deps = Pick<CliDeps, "env" | "home">;

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount/token";

interface Found {
  readonly files: readonly string[];
  readonly from: string;
}

/** Where kubectl would look: `--kubeconfig`, KUBECONFIG (several files), `~/.kube/config`. Undefined where there is nothing. */
export function findKubeconfig(flags: KubeFlags, { env, home }: Deps): Found | undefined {
  if (flags.kubeconfig !== undefined) return { files: [flags.kubeconfig], from: "--kubeconfig" };
  const said = env["KUBECONFIG"];
  if (said !== undefined && said !== "") {
    const files = said.split(delimiter).filter((file) => file !== "");
    // As kubectl does: of several, those that are not there are passed over.
    const there = files.filter((file) => existsSync(file));
    return { files: there.length > 0 ? there : files.slice(0, 1), from: "KUBECONFIG" };
  }
  const usual = join(home, ".kube", "config");
  return existsSync(usual) ? { files: [usual], from: usual } : undefined;
}

/** Whether this process runs in a Pod with a ServiceAccount's token. */
export function isInCluster({ env }: Deps): boolean {
  return (env["KUBERNETES_SERVICE_HOST"] ?? "") !== "" && existsSync(tokenPath);
}

/** The cluster that flags, environment and files name. Throws a CliError that says what is missing where. */
export async function chooseKube(flags: KubeFlags, deps: Deps): Promise<KubeChoice> {
  const found = findKubeconfig(flags, deps);
  if (found === undefined && !isInCluster(deps))
    throw new CliError(
      exitCodes.noInput,
      "there is no kubeconfig: neither --kubeconfig nor KUBECONFIG names one, and ~/.kube/config is not there",
      "name the cluster's: --kubeconfig FILE. For a mesh on this machine: weft up DIR",
    );
  // It takes most of a second to load: only where there is something to read.
  const { KubeConfig } = await import("@kubernetes/client-node");
  if (found === undefined) return inCluster(new KubeConfig(), flags);
  const config = merged(
    found.files.map((file) => readOne(file, found.from, new KubeConfig())),
    new KubeConfig(),
  );
  const choice = inContext(config, flags, found);
  impersonate(config, flags);
  return choice;
}

function readOne(file: string, from: string, config: KubeConfig): KubeConfig {
  const named = from === file ? file : `${from} ${file}`;
  if (!existsSync(file)) throw new CliError(exitCodes.noInput, `${named}: there is no such file`);
  try {
    readFileSync(file);
  } catch (error) {
    throw new CliError(exitCodes.noInput, `${named}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    config.loadFromFile(file);
    return config;
  } catch (error) {
    const why = (error as Error).message.split("\n")[0];
    throw new CliError(exitCodes.badData, `${named}: this is no kubeconfig (${why})`);
  }
}

/** Of what several files name alike the first counts, as kubectl has it. */
function merged(parts: readonly KubeConfig[], into: KubeConfig): KubeConfig {
  const first = <T extends { readonly name: string }>(of: (part: KubeConfig) => T[] | undefined): T[] => {
    const all = parts.flatMap((part) => of(part) ?? []);
    return all.filter((one, i) => all.findIndex((other) => other.name === one.name) === i);
  };
  into.loadFromOptions({
    clusters: first((part) => part.clusters),
    contexts: first((part) => part.contexts),
    users: first((part) => part.users),
    currentContext: parts.map((part) => part.currentContext).find((name) => (name ?? "") !== "") ?? "",
  });
  return into;
}

function inContext(config: KubeConfig, flags: KubeFlags, { files, from }: Found): KubeChoice {
  const where = files.join(", ");
  const names = config.contexts.map((context) => context.name);
  const known = names.length === 0 ? "it has none" : `it has: ${names.join(", ")}`;
  const name = flags.context ?? config.currentContext;
  if (name === "")
    throw new CliError(exitCodes.usage, `${where} has no current context; ${known}`, "choose one with --context NAME");
  const context = config.getContextObject(name);
  if (context === null)
    throw new CliError(
      exitCodes.notFound,
      `${where} has no context "${name}"; ${known}`,
      "choose one with --context NAME, or another file with --kubeconfig",
    );
  if (config.getCluster(context.cluster) === null)
    throw new CliError(exitCodes.badData, `${where}: context ${name} names cluster ${context.cluster}, which it lacks`);
  config.setCurrentContext(name);
  const namespace = context.namespace === undefined || context.namespace === "" ? "default" : context.namespace;
  return { config, context: name, namespace, from };
}

function inCluster(config: KubeConfig, flags: KubeFlags): KubeChoice {
  config.loadFromCluster();
  const namespace = config.getContextObject(config.currentContext)?.namespace ?? "default";
  impersonate(config, flags);
  return { config, context: "in this cluster", namespace, from: "this Pod" };
}

/** Has every request of this kubeconfig act as somebody else. */
function impersonate(config: KubeConfig, { as, asGroup = [] }: KubeFlags): void {
  if (as === undefined && asGroup.length > 0)
    throw new CliError(exitCodes.usage, "--as-group says nothing without --as", "add --as USER");
  if (as === undefined) return;
  const apply = config.applyToHTTPSOptions.bind(config);
  const headers = { "Impersonate-User": as, ...(asGroup.length === 0 ? {} : { "Impersonate-Group": [...asGroup] }) };
  config.applyToHTTPSOptions = async (options) => {
    await apply(options);
    options.headers = { ...options.headers, ...headers } as typeof options.headers;
  };
}
