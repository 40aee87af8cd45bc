import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import type { AuthoritySettings } from "../../ca/authority.ts";
import { authoritySettings } from "../../ca/settings.ts";
import type { EagerPolicy } from "../../discovery/eager-policy.ts";
import type { CommandModule } from "../command-module.ts";
import type { RunningMesh, ServeClusterOptions, UpOptions } from "../deps.ts";
import { CliError, exitCodes } from "../exit.ts";
import {
  accessOption,
  eagerOption,
  fetchFromOption,
  portOption,
  prometheusOption,
  rateLimitRedisOption,
  tracesOption,
} from "../options.ts";
import { registryDir, runningMeshes, stateRoot } from "../registry.ts";
import type { Session } from "../session.ts";
import { createUpView } from "../up-view.ts";

export interface RunFlags {
  readonly name?: string;
  readonly stateDir?: string;
  readonly meshConfig?: string;
  readonly eager: EagerPolicy;
  readonly rateLimitRedis?: string;
  readonly prometheus?: string;
  readonly traces?: string;
  readonly fetchFrom: readonly string[];
  readonly consolePort: number;
  readonly access?: string;
  readonly consoleAddress?: string;
}

interface Flags extends RunFlags {
  readonly httpPort: number;
  readonly httpsPort: number;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("DIR... [options]")
    .description(
      `Reads the folders' YAML, runs each Deployment's container as a process with its
own Envoy, and keeps at it: a saved file takes effect at once.

Examples:
  weft up samples/bookinfo
  weft up deploy/ mesh/ --http-port 9080
  weft up . --mesh-config mesh.yaml --name shop`,
    )
    .argument("[dirs...]", "folders of YAML (default: this one)")
    .addOption(portOption("--http-port <port>", "of the gateways, on localhost", 8080))
    .addOption(portOption("--https-port <port>", "of the gateways, on localhost", 8443))
    .addOption(portOption("--console-port <port>", "of the console and the API", 20001))
    .option("--name <name>", "the mesh's name (default: the folder's)")
    .option("--state-dir <dir>", "where certificates, logs and history are kept")
    .option("--mesh-config <file>", "Istio's MeshConfig")
    .addOption(eagerOption())
    .addOption(rateLimitRedisOption())
    .addOption(prometheusOption())
    .addOption(tracesOption())
    .addOption(fetchFromOption())
    .addOption(accessOption())
    .action((dirs: string[], flags: Flags, self: Command) => up(dirs.length > 0 ? dirs : ["."], flags, session, self));
};

export const places: CommandModule["places"] = ["folder"];
export const values: CommandModule["values"] = { "state-dir": "folder", "mesh-config": "file", access: "file" };

async function up(folders: string[], flags: Flags, session: Session, _self: Command): Promise<void> {
  const { deps } = session;
  const view = createUpView({ output: deps.stderr, colors: session.errorColors, clock: deps.clock, env: deps.env });
  const started = deps.clock.now();
  const options: UpOptions = {
    ...runOptions(folders, flags, session),
    httpPort: flags.httpPort,
    httpsPort: flags.httpsPort,
    signal: deps.interrupted,
  };
  await refuseTwice(options.name, session);
  let mesh: RunningMesh;
  try {
    mesh = await deps.up(options, view);
  } finally {
    view.end();
  }
  const seconds = ((deps.clock.now() - started) / 1000).toFixed(1);
  session.say(session.errorColors.green(`Mesh ${options.name} is up after ${seconds} s.`));
  session.say("");
  const bold = session.colors.bold;
  for (const door of mesh.doors.slice(0, 1)) session.out(`  Application  ${bold(door)}\n`);
  for (const { name, address } of mesh.gateways) session.out(`  Gateway      ${bold(address)}  (${name})\n`);
  session.out(`  Console      ${bold(mesh.console)}\n`);
  session.say(`  Change it    ${mesh.consoleLink}`);
  session.say("               (logs one browser in, once, within ten minutes; weft dashboard makes another)");
  session.say("");
  session.say("Ctrl-C stops it.");
  await untilAsked(session, mesh.stopAsked);
  session.say("");
  session.say(`Stopping ${options.name} ...`);
  const removed = await mesh.stop();
  session.say(removed.length > 0 ? `Stopped. Removed: ${removed.join(", ")}.` : "Stopped.");
  if (isCtrlC(deps.interrupted)) session.exitCode = exitCodes.interrupted;
}

/** Throws where a mesh of this name runs: the commands would lose sight of it. An entry whose control plane does not answer is left over. */
export async function refuseTwice(name: string, { deps }: Session): Promise<void> {
  const entry = runningMeshes(registryDir(deps.env, deps.home), deps.processes.alive).find((m) => m.name === name);
  if (entry === undefined) return;
  const { ApiClient } = await import("../client.ts");
  const target = { server: entry.server, token: entry.token, from: "registry" };
  const answer = await new ApiClient(target, deps.interrupted, 2000).get("mesh").catch(() => undefined);
  if (answer === undefined) return;
  throw new CliError(
    exitCodes.conflict,
    `mesh ${name} runs already (process ${entry.pid}, console ${entry.server})`,
    `stop it with weft down ${name}, or give this one another name with --name`,
  );
}

/** Resolves at Ctrl-C, or when the control plane's API was asked to stop. */
export function untilAsked(session: Session, stopAsked: Promise<void>): Promise<void> {
  const { interrupted } = session.deps;
  if (interrupted.aborted) return Promise.resolve();
  return Promise.race([
    stopAsked,
    new Promise<void>((done) => interrupted.addEventListener("abort", () => done(), { once: true })),
  ]);
}

/** Whether it was the user who ended it, not a supervisor: that is no failure of a mesh that was up. */
export function isCtrlC(interrupted: AbortSignal): boolean {
  return interrupted.aborted && String(interrupted.reason).includes("SIGINT");
}

/** What `up` and `serve` have in common. Throws where a folder or file is not there. */
export function runOptions(
  folders: readonly string[],
  flags: RunFlags,
  session: Session,
): Pick<
  UpOptions,
  | "folders"
  | "name"
  | "stateDir"
  | "registryDir"
  | "consolePort"
  | "accessFile"
  | "consoleAddress"
  | "meshConfig"
  | "eager"
  | "rateLimitRedis"
  | "prometheus"
  | "traces"
  | "fetchFrom"
  | "authority"
  | "caDir"
> {
  const { cwd, env, home } = session.deps;
  for (const folder of folders) {
    const path = resolve(cwd, folder);
    if (!existsSync(path)) throw new CliError(exitCodes.noInput, `${folder}: there is no such folder`);
    if (!statSync(path).isDirectory())
      throw new CliError(exitCodes.noInput, `${folder}: is a file`, "name the folder that it is in");
  }
  if (flags.meshConfig !== undefined && !existsSync(resolve(cwd, flags.meshConfig)))
    throw new CliError(exitCodes.noInput, `${flags.meshConfig}: there is no such file`);
  const name = flags.name ?? meshName(resolve(cwd, folders[0] ?? "."));
  return {
    folders,
    name,
    stateDir: resolve(cwd, flags.stateDir ?? join(stateRoot(env, home), encodeURIComponent(name))),
    registryDir: registryDir(env, home),
    ...consoleOptions(flags, session),
    eager: flags.eager,
    fetchFrom: flags.fetchFrom,
    authority: authorityIn(env),
    ...(env["ROOT_CA_DIR"] ? { caDir: resolve(cwd, env["ROOT_CA_DIR"]) } : {}),
    ...(flags.meshConfig === undefined ? {} : { meshConfig: flags.meshConfig }),
    ...(flags.rateLimitRedis === undefined ? {} : { rateLimitRedis: redisUrl(flags.rateLimitRedis) }),
    ...(flags.prometheus === undefined ? {} : { prometheus: flags.prometheus }),
    ...(flags.traces === undefined ? {} : { traces: flags.traces }),
  };
}

/** Settings of the certificate authority, under Istio's names. Throws a usage error. */
function authorityIn(env: Session["deps"]["env"]): AuthoritySettings {
  const settings = authoritySettings(env);
  if ("wrong" in settings) throw new CliError(exitCodes.usage, settings.wrong);
  return settings;
}

/** Where the console listens, and who may log in there. */
function consoleOptions(
  { consolePort, consoleAddress, access }: RunFlags,
  { deps }: Session,
): Pick<UpOptions, "consolePort" | "consoleAddress" | "accessFile"> {
  return {
    consolePort,
    ...(consoleAddress === undefined ? {} : { consoleAddress }),
    ...(access === undefined ? {} : { accessFile: resolve(deps.cwd, access) }),
  };
}

/** What `serve --kubernetes` has in common with them: no folders, no registry. */
export function clusterOptions(
  flags: RunFlags,
  session: Session,
): Pick<
  ServeClusterOptions,
  | "stateDir"
  | "consolePort"
  | "consoleAddress"
  | "accessFile"
  | "eager"
  | "rateLimitRedis"
  | "prometheus"
  | "traces"
  | "fetchFrom"
  | "authority"
> {
  const { deps } = session;
  const { cwd, env, home } = deps;
  return {
    stateDir: resolve(cwd, flags.stateDir ?? join(stateRoot(env, home), "kubernetes")),
    ...consoleOptions(flags, session),
    eager: flags.eager,
    fetchFrom: flags.fetchFrom,
    authority: authorityIn(env),
    ...(flags.rateLimitRedis === undefined ? {} : { rateLimitRedis: redisUrl(flags.rateLimitRedis) }),
    ...(flags.prometheus === undefined ? {} : { prometheus: flags.prometheus }),
    ...(flags.traces === undefined ? {} : { traces: flags.traces }),
  };
}

/** Throws for what is no URL of a Redis; its password is not repeated. */
function redisUrl(text: string): string {
  if (/^rediss?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new CliError(
    exitCodes.usage,
    "--rate-limit-redis: not the URL of a Redis",
    "write it like redis://127.0.0.1:6379/0",
  );
}

/** A folder's name in letters that fit anywhere: `bookinfo`. */
function meshName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" || name === "meshes" ? "mesh" : name;
}
