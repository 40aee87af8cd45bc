import type { CommandModule } from "../command-module.ts";
import type { Address, ServeOptions } from "../deps.ts";
import { CliError, exitCodes } from "../exit.ts";
import { eagerOption, portOption, rateLimitRedisOption } from "../options.ts";
import type { Session } from "../session.ts";
import { isCtrlC, type RunFlags, refuseTwice, runOptions, untilAsked } from "./up.ts";

interface Flags extends RunFlags {
  readonly xds: string;
  readonly plaintext?: boolean;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("DIR... --xds ADDRESS [options]")
    .description(
      `Runs no workload: Pods with an address, EndpointSlices, WorkloadEntries and
ServiceEntries in the folders say what runs elsewhere. Serves xDS to proxies.

Examples:
  weft serve mesh/ --xds 0.0.0.0:15012
  weft serve mesh/ --xds 127.0.0.1:15010 --plaintext
  weft serve mesh/ --xds :15012 --mesh-config mesh.yaml`,
    )
    .argument("[dirs...]", "folders of YAML (default: this one)")
    .requiredOption("--xds <address>", "where proxies connect: HOST:PORT or :PORT")
    .option("--plaintext", "xDS without TLS; then no secrets are served")
    .addOption(portOption("--console-port <port>", "of the console and the API", 20001))
    .option("--name <name>", "the mesh's name (default: the folder's)")
    .option("--state-dir <dir>", "where certificates and history are kept")
    .option("--mesh-config <file>", "Istio's MeshConfig")
    .addOption(eagerOption())
    .addOption(rateLimitRedisOption())
    .action((dirs: string[], flags: Flags) => serve(dirs.length > 0 ? dirs : ["."], flags, session));
};

export const places: CommandModule["places"] = ["folder"];
export const values: CommandModule["values"] = { "state-dir": "folder", "mesh-config": "file" };

async function serve(folders: string[], flags: Flags, session: Session): Promise<void> {
  const { deps } = session;
  const options: ServeOptions = {
    ...runOptions(folders, flags, session),
    xds: parseAddress(flags.xds),
    plaintext: flags.plaintext ?? false,
  };
  await refuseTwice(options.name, session);
  if (options.plaintext) session.warn("xDS is in plaintext: anyone who can connect can read the configuration");
  const plane = await deps.serve(options);
  session.out(`  xDS      ${session.colors.bold(plane.xds)}\n  Console  ${session.colors.bold(plane.console)}\n`);
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
