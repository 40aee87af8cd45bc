import { resolve } from "node:path";
import { Option } from "commander";
import type { CommandModule } from "../command-module.ts";
import type { Address, ServeOptions } from "../deps.ts";
import { CliError, exitCodes } from "../exit.ts";
import {
  accessOption,
  consoleAddressOption,
  eagerOption,
  fetchFromOption,
  portOption,
  prometheusOption,
  rateLimitRedisOption,
  tracesOption,
} from "../options.ts";
import type { Session } from "../session.ts";
import { clusterOptions, isCtrlC, type RunFlags, refuseTwice, runOptions, untilAsked } from "./up.ts";

interface Flags extends RunFlags {
  readonly xds?: string;
  readonly plaintext?: boolean;
  readonly tlsMinVersion: "1.2" | "1.3";
  readonly kubernetes?: boolean;
  readonly namespace: string;
  readonly revision: string;
  readonly address?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("DIR... --xds ADDRESS | --kubernetes [options]")
    .description(
      `Runs no workload: Pods with an address, EndpointSlices, WorkloadEntries and
ServiceEntries in the folders say what runs elsewhere. Serves xDS to proxies.

Examples:
  weft serve mesh/ --xds 0.0.0.0:15012
  weft serve mesh/ --xds 127.0.0.1:15010 --plaintext
  weft serve mesh/ --xds :15012 --mesh-config mesh.yaml
  weft serve --kubernetes --namespace istio-system --state-dir /var/lib/weft

With --kubernetes the API server says what runs, and the ConfigMap istio how the
mesh is set; weft install runs it so, in a Pod.`,
    )
    .argument("[dirs...]", "folders of YAML (default: this one)")
    .option("--xds <address>", "where proxies connect: HOST:PORT or :PORT")
    .option("--plaintext", "xDS without TLS; then no secrets are served")
    .addOption(new Option("--tls-min-version <version>", "of TLS on its ports").choices(["1.2", "1.3"]).default("1.2"))
    .addOption(portOption("--console-port <port>", "of the console and the API", 20001))
    .option("--name <name>", "the mesh's name (default: the folder's)")
    .option("--state-dir <dir>", "where certificates and history are kept")
    .option("--mesh-config <file>", "Istio's MeshConfig")
    .option("--kubernetes", "serve the cluster of an API server; folders are not read")
    .option("-n, --namespace <name>", "where it is installed (with --kubernetes)", "istio-system")
    .option("--revision <name>", "which control plane of several it is", "default")
    .option("--address <ip>", "what it listens on in a cluster (default: all)")
    .addOption(eagerOption())
    .addOption(rateLimitRedisOption())
    .addOption(prometheusOption())
    .addOption(tracesOption())
    .addOption(fetchFromOption())
    .addOption(accessOption())
    .addOption(consoleAddressOption())
    .action((dirs: string[], flags: Flags) =>
      flags.kubernetes ? serveCluster(dirs, flags, session) : serve(dirs.length > 0 ? dirs : ["."], flags, session),
    );
};

export const places: CommandModule["places"] = ["folder"];
export const values: CommandModule["values"] = { "state-dir": "folder", "mesh-config": "file", access: "file" };

async function serveCluster(dirs: readonly string[], flags: Flags, session: Session): Promise<void> {
  const { deps } = session;
  const foreign = [
    ...(dirs.length > 0 ? ["folders"] : []),
    ...(flags.xds === undefined ? [] : ["--xds"]),
    ...(flags.plaintext ? ["--plaintext"] : []),
    ...(flags.meshConfig === undefined ? [] : ["--mesh-config"]),
  ];
  if (foreign.length > 0)
    throw new CliError(
      exitCodes.usage,
      `${foreign.join(" and ")} cannot be used with --kubernetes`,
      "the API server says what the folders would, and the ConfigMap istio what --mesh-config would",
    );
  const { kubeconfig } = session.options.kube;
  const starting = deps.serveCluster({
    ...clusterOptions(flags, session),
    namespace: flags.namespace,
    revision: flags.revision,
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(deps.cwd, kubeconfig) }),
    ...(flags.address === undefined ? {} : { address: flags.address }),
    tlsMinVersion: `TLSv${flags.tlsMinVersion}`,
    trustedNodeAccounts: nodeAccountsIn(deps.env["CA_TRUSTED_NODE_ACCOUNTS"] ?? ""),
    signal: deps.interrupted,
  });
  // Asked to end while it waits for the API server, it has nothing to take away.
  const plane = await starting.catch((error: unknown) => {
    if (!deps.interrupted.aborted) throw error;
    return undefined;
  });
  if (plane === undefined) {
    if (isCtrlC(deps.interrupted)) session.exitCode = exitCodes.interrupted;
    return;
  }
  await untilAsked(session, plane.stopAsked);
  await plane.stop();
  if (isCtrlC(deps.interrupted)) session.exitCode = exitCodes.interrupted;
}

/** As istiod takes them: `istio-system/ztunnel,other/ztunnel`. Throws a usage error. */
function nodeAccountsIn(text: string): readonly string[] {
  const accounts = text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const wrong = accounts.find((one) => !/^[^/]+\/[^/]+$/.test(one));
  if (wrong === undefined) return accounts;
  throw new CliError(
    exitCodes.usage,
    `CA_TRUSTED_NODE_ACCOUNTS: "${wrong}" is no ServiceAccount`,
    'write it like "istio-system/ztunnel", several with commas',
  );
}

async function serve(folders: string[], flags: Flags, session: Session): Promise<void> {
  const { deps } = session;
  if (flags.xds === undefined)
    throw new CliError(exitCodes.usage, "--xds is missing", "write where proxies connect: --xds :15012");
  const options: ServeOptions = {
    ...runOptions(folders, flags, session),
    xds: parseAddress(flags.xds),
    plaintext: flags.plaintext ?? false,
    tlsMinVersion: `TLSv${flags.tlsMinVersion}`,
  };
  await refuseTwice(options.name, session);
  if (options.plaintext) session.warn("xDS is in plaintext: anyone who can connect can read the configuration");
  const plane = await deps.serve(options);
  session.out(`  xDS      ${session.colors.bold(plane.xds)}\n  Console  ${session.colors.bold(plane.console)}\n`);
  if (plane.consoleLink !== undefined)
    session.say(`To change it in a browser (once, within ten minutes): ${plane.consoleLink}`);
  session.say("Ctrl-C stops it.");
  await untilAsked(session, plane.stopAsked);
  session.say(`Stopping ${options.name} ...`);
  await plane.stop();
  if (isCtrlC(deps.interrupted)) session.exitCode = exitCodes.interrupted;
}

/** `HOST:PORT`, `[::1]:PORT`, `:PORT` and `PORT` (the last two on all interfaces and on loopback). Throws a usage error. */
export function parseAddress(text: string): Address {
  const parts = /^(?:(\[[0-9a-f:.]+\]|[^:[\]]*):)?(\d+)$/i.exec(text);
  const port = Number(parts?.[2]);
  if (parts === null || port > 65535)
    throw new CliError(exitCodes.usage, `--xds ${text}: not an address`, 'write it like "127.0.0.1:15010"');
  const host = parts[1] === undefined ? "127.0.0.1" : parts[1] === "" ? "0.0.0.0" : parts[1].replace(/^\[|\]$/g, "");
  return { host, port };
}
