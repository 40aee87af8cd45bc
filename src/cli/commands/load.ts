import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Mesh } from "../../api/contract/mesh.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { LoadOptions } from "../load/options.ts";
import type { LoadReport } from "../load/tally.ts";
import { outputOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly rate: string;
  readonly connections: string;
  readonly duration?: string;
  readonly method?: string;
  readonly header: readonly string[];
  readonly data?: string;
  readonly requestTimeout: string;
  readonly insecure?: boolean;
  readonly cacert?: string;
  readonly leastOk: string;
  readonly quiet?: boolean;
  readonly output: "table" | "json" | "yaml";
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[URL] [options]")
    .description(
      `Sends requests on schedule, whether or not earlier ones were answered, and
prints a line a second. Without a URL: the running mesh's first door, /productpage.
Ends with 2 when fewer answers than --least-ok were 2xx or 3xx.

Examples:
  weft load
  weft load http://localhost:8080/productpage --rate 50 --duration 30s
  weft load -H "end-user: jason" --duration 10s -o json`,
    )
    .argument("[url]", "http:// or https://")
    .option("-r, --rate <number>", "requests a second", "10")
    .option("-c, --connections <number>", "the most connections", "64")
    .option("-d, --duration <duration>", "how long (default: until Ctrl-C)")
    .option("-X, --method <method>", "GET, or POST with --data")
    .option(
      "-H, --header <line>",
      "a header, like curl's",
      (line, before: string[]) => [...before, line],
      [] as string[],
    )
    .option("--data <text>", "the body; @FILE for a file's text")
    .option("--request-timeout <duration>", "for each answer", "10s")
    .option("-k, --insecure", "do not check the server's certificate")
    .option("--cacert <file>", "PEM certificates to trust")
    .option("--least-ok <share>", "share of good answers that is enough", "1")
    .option("-q, --quiet", "only the summary")
    .addOption(outputOption(["table", "json", "yaml"]))
    .action((url: string | undefined, flags: Flags) => load(url, flags, session));
};

export const places: CommandModule["places"] = ["nothing"];
export const values: CommandModule["values"] = { cacert: "file" };

async function load(url: string | undefined, flags: Flags, session: Session): Promise<void> {
  const [{ runLoad }, { LoadOptionsError, planLoad }, { loadExitCode, loadLine, loadSummary }] = await Promise.all([
    import("../load/run.ts"),
    import("../load/options.ts"),
    import("../load/words.ts"),
  ]);
  const options = loadOptions(url ?? (await defaultUrl(session)), flags, session);
  const leastOk = share(flags.leastOk);
  try {
    planLoad(options);
  } catch (error) {
    if (error instanceof LoadOptionsError) throw new CliError(exitCodes.usage, error.message);
    throw error;
  }
  session.say(
    `Sending ${flags.rate} requests a second to ${options.url}${flags.duration ? ` for ${flags.duration}` : "; Ctrl-C ends it"}`,
  );
  const onReport = (report: LoadReport) => {
    if (!flags.quiet && !report.final) session.say(loadLine(report));
  };
  const report = await runLoad(options, session.deps.interrupted, onReport);
  if (flags.output === "table") session.out(`${loadSummary(report).join("\n")}\n`);
  else session.out(await renderData({ apiVersion: "cli.weft.dev/v1", kind: "LoadReport", ...report }, flags.output));
  session.exitCode = loadExitCode(report, leastOk);
}

async function defaultUrl(session: Session): Promise<string> {
  const { doors } = await (await session.addressed(() => "name the URL: weft load URL")).get<Mesh>("mesh");
  const [door] = doors;
  if (door === undefined)
    throw new CliError(exitCodes.usage, "weft load: the mesh has no door", "say where: weft load URL");
  return new URL(door).pathname === "/" ? `${door.replace(/\/$/, "")}/productpage` : door;
}

function loadOptions(url: string, flags: Flags, session: Session): LoadOptions {
  const { cwd } = session.deps;
  const body = flags.data?.startsWith("@") ? readOr(resolve(cwd, flags.data.slice(1))) : flags.data;
  return {
    url,
    rate: Number(flags.rate),
    connections: Number(flags.connections),
    method: flags.method ?? (body === undefined ? "GET" : "POST"),
    headers: Object.fromEntries(flags.header.map(parseHeader)),
    timeoutMs: parseDuration("--request-timeout", flags.requestTimeout),
    insecure: flags.insecure ?? false,
    ...(flags.duration === undefined ? {} : { durationMs: parseDuration("--duration", flags.duration) }),
    ...(body === undefined ? {} : { body }),
    ...(flags.cacert === undefined ? {} : { ca: readOr(resolve(cwd, flags.cacert)) }),
  };
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  throw new CliError(exitCodes.usage, `-H "${line}": not a header`, 'write it like -H "end-user: jason"');
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new CliError(exitCodes.noInput, `${path}: cannot be read`);
  }
}

function share(text: string): number {
  const percent = text.endsWith("%");
  const value = Number(percent ? text.slice(0, -1) : text) / (percent ? 100 : 1);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new CliError(exitCodes.usage, `--least-ok ${text}: not a share`, 'write it like 0.99, or "99%"');
}
