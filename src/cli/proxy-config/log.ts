import type { Command } from "commander";
import type { ProxySummary } from "../../api/cli-contract.ts";
import type { LogLevels } from "../../api/contract/log-levels.ts";
import { CliError, exitCodes } from "../exit.ts";
import { askEnvoy } from "../kube/envoy-admin.ts";
import { findPods } from "../kube/find-pods.ts";
import { hasProxy } from "../kube/pod.ts";
import { namespaceOption, outputOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly namespace?: string;
  readonly level?: string;
  readonly reset?: boolean;
  readonly output: "short" | "json" | "yaml";
}

const levels = ["trace", "debug", "info", "warning", "warn", "error", "critical", "off", "none"];
/** What a proxy is started with. */
const startLevel = "warning";

/** `weft proxy-config log`: levels of an Envoy's loggers, shown and changed. */
export function defineLog(command: Command, session: Session): void {
  command
    .command("log")
    .aliases(["o"])
    .summary("how much it logs")
    .usage("POD|WORKLOAD [options]")
    .description(
      `Shows how much an Envoy logs, or changes it until it restarts. Of a workload all
its pods.

Examples:
  weft proxy-config log reviews-v1-5b8c.shop
  weft pc log deploy/reviews-v1 -n shop --level debug
  weft pc log deploy/reviews-v1 -n shop --level http:debug,rbac:trace
  weft pc log deploy/reviews-v1 -n shop --reset`,
    )
    .argument("<pod>", "a pod or a workload, with or without .NAMESPACE")
    .addOption(namespaceOption())
    .option("--level <levels>", "LEVEL for all, or LOGGER:LEVEL with commas")
    .option("-r, --reset", `back to what it was started with (${startLevel})`)
    .addOption(outputOption(["short", "json", "yaml"]))
    .action((pod: string, flags: Flags) => log(pod, flags, session));
}

async function log(word: string, flags: Flags, session: Session): Promise<void> {
  const changes = flags.reset ? [`level=${startLevel}`] : levelQuery(flags.level);
  const where = await session.where();
  if (!("choice" in where)) return print(await ofMachine(word, flags, changes, session), flags, session);
  const pods = (await findPods(where, word, flags.namespace)).filter(hasProxy);
  if (pods.length === 0) throw new CliError(exitCodes.notFound, `${word} has no proxy`);
  const found: Record<string, Readonly<Record<string, string>>> = {};
  for (const { metadata } of pods) {
    const at = { pod: metadata.name, namespace: metadata.namespace ?? where.namespace };
    const post = { method: "POST" as const, timeoutMs: session.options.timeoutMs };
    for (const query of changes) await askEnvoy(where, at, `/logging?${query}`, post);
    found[`${at.pod}.${at.namespace}`] = loggers(await askEnvoy(where, at, "/logging", post));
  }
  return print(found, flags, session);
}

/** Of a mesh that has an address its control plane asks the proxies. */
async function ofMachine(
  word: string,
  { namespace }: Flags,
  changes: readonly string[],
  session: Session,
): Promise<Found> {
  const client = await session.client();
  const { items } = await client.get<{ readonly items: readonly ProxySummary[] }>("proxies");
  const name = word.replace(/^(deployment|deploy|pod)\//, "");
  const meant = items.filter(
    (one) => [one.id, one.pod, one.workload].includes(name) && (namespace === undefined || one.namespace === namespace),
  );
  if (meant.length === 0)
    throw new CliError(exitCodes.notFound, `${word} has no proxy`, "weft proxy-status lists them");
  const found: Record<string, Readonly<Record<string, string>>> = {};
  for (const { id } of meant) {
    const path = `proxies/${encodeURIComponent(id)}/log-levels`;
    for (const change of changes) {
      const [logger = "", level = ""] = change.split("=");
      await client.post(path, "", { level, ...(logger === "level" ? {} : { logger }) });
    }
    const { loggers: its } = await client.get<LogLevels>(path);
    found[id] = Object.fromEntries(its.map((one) => [one.name, one.level]));
  }
  return found;
}

type Found = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function print(found: Found, flags: Flags, session: Session): Promise<void> {
  if (flags.output !== "short") return session.out(await renderData(found, flags.output));
  for (const [name, its] of Object.entries(found)) {
    const lines = Object.entries(its).map(([logger, level]) => `  ${logger}: ${level}\n`);
    session.out(`${name}:\n${lines.join("")}`);
  }
}

/** Queries of Envoy's `/logging`. Throws a usage error. */
export function levelQuery(said: string | undefined): readonly string[] {
  return (said ?? "")
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const colon = part.indexOf(":");
      const level = part.slice(colon + 1).toLowerCase();
      const logger = colon < 0 ? "level" : part.slice(0, colon);
      if (!levels.includes(level) || !/^[a-z0-9_]+$/i.test(logger))
        throw new CliError(
          exitCodes.usage,
          `--level ${part}: "${level}" is no level`,
          `write one of ${levels.join(", ")}`,
        );
      const name = level === "warn" ? "warning" : level === "none" ? "off" : level;
      return `${logger}=${name}`;
    });
}

/** Of Envoy's page: `  admin: warning` in a line each. */
function loggers(page: string): Readonly<Record<string, string>> {
  const lines = page.split("\n").flatMap((line) => {
    const [, name, level] = /^\s+([\w.]+): (\w+)$/.exec(line) ?? [];
    return name === undefined || level === undefined ? [] : [[name, level] as const];
  });
  return Object.fromEntries(lines);
}
