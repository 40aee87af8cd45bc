import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Access } from "../../api/contract/access.ts";
import type { Mesh } from "../../api/contract/mesh.ts";
import type { Series } from "../../api/contract/series.ts";
import { CliError, exitCodes } from "../exit.ts";
import { namespaceOption } from "../options.ts";
import type { Session } from "../session.ts";
import { callerOf, readAccess, type Wanted, wantedOf } from "./access.ts";
import { type Learned, learn, stillDenied } from "./learn.ts";
import { type Coverage, learnedYaml } from "./learned-yaml.ts";
import { put } from "./put.ts";

interface Flags {
  readonly namespace?: string;
  readonly start?: boolean;
  readonly stop?: boolean;
  readonly enforce?: boolean;
  readonly force?: boolean;
  readonly output?: string;
}

/** `weft policy learn`: least-privilege policies of what was observed. */
export function defineLearn(command: Command, session: Session): void {
  command
    .command("learn")
    .summary("write least-privilege policies of what was observed")
    .usage("NAMESPACE|WORKLOAD [options]")
    .description(
      `Writes AuthorizationPolicies that allow what was observed, and nothing else: who
called, which methods, which paths (ids in them become {*}), which ports. They are
dry runs, which refuse nobody; --enforce writes them without, unless the dry run
shows somebody whom they would refuse.

Proxies tell of all HTTP requests only while somebody learns: --start makes it so
for a namespace, with a Telemetry object, and leaves every connection as it is.

Examples:
  weft policy learn shop --start
  weft policy learn shop -o policies/      after a day, say
  weft apply -f policies/
  weft policy denials shop                 what the dry run would refuse
  weft policy learn shop --enforce -o policies/ && weft apply -f policies/
  weft policy learn shop --stop`,
    )
    .argument("<target>", "a namespace, or a workload: NAMESPACE/NAME, or NAME with -n")
    .addOption(namespaceOption())
    .option("--start", "have all requests of the namespace told from now on")
    .option("--stop", "end that")
    .option("--enforce", "write policies that are no dry runs")
    .option("--force", "with --enforce: also where the dry run shows denials")
    .option("-o, --output <folder>", "a file for each policy, in the place of standard output")
    .action((target: string, flags: Flags) => run(target, flags, session));
}

async function run(target: string, flags: Flags, session: Session): Promise<void> {
  const client = await session.client();
  const { namespaces } = await client.get<Mesh>("mesh");
  const wanted = wantedOf(target, flags.namespace, (name) => namespaces.includes(name));
  if (flags.start === true || flags.stop === true)
    return toggle(flags.start === true ? "apply" : "delete", wanted, session);
  const access = await readAccess(session, wanted);
  const learned = learn(access);
  if (learned.every(({ rules }) => rules.length === 0)) throw nothingSeen(target);
  if (flags.enforce === true && flags.force !== true && refused(learned, access, session)) {
    session.exitCode = exitCodes.findings;
    return;
  }
  const texts = await Promise.all(
    learned
      .filter(({ rules }) => rules.length > 0)
      .map(async (one) => ({
        name: `${one.namespace}-${one.name}.yaml`,
        text: learnedYaml(one, await coverageOf(one, access, session), flags.enforce === true),
      })),
  );
  print(texts, flags, session);
}

/** The Telemetry that has all requests of a namespace told. */
function telemetry(namespace: string): string {
  return `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: weft-learn, namespace: ${namespace}}
spec: {accessLogging: [{match: {mode: SERVER}, providers: [{name: weft}]}]}
`;
}

async function toggle(verb: "apply" | "delete", { namespace = "default" }: Wanted, session: Session): Promise<void> {
  await put(verb, telemetry(namespace), { output: "table" }, session);
}

function nothingSeen(target: string): CliError {
  return new CliError(
    exitCodes.notFound,
    `nothing was observed of ${target} by callers with a certificate`,
    `have its requests told, and come back when it was used: weft policy learn ${target} --start`,
  );
}

/** Whether somebody would be refused; says who. */
function refused(learned: readonly Learned[], access: Access, session: Session): boolean {
  const still = stillDenied(learned, access);
  for (const entry of still) {
    const { destination: d, port, method = "", path = "" } = entry;
    session.say(
      `${callerOf(entry)} would be refused ${method} ${path} of ${d.namespace}/${d.workload}:${port} (${entry.count} times)`,
    );
  }
  if (still.length > 0) session.say("nothing is written: learn on until the dry run refuses nobody, or say --force");
  return still.length > 0;
}

async function coverageOf(learned: Learned, access: Access, session: Session): Promise<Coverage> {
  const client = await session.client();
  const lost = access.dropped.records + access.dropped.messages;
  const base = { since: learned.since, until: access.now, lost };
  const counts = await Promise.all(
    learned.workloads.map(async (workload) => {
      const query = { node: `workload/${workload}`, metric: "rate", from: learned.since, to: access.now };
      const series = await client.get<Series>("series", query).catch(() => undefined);
      return series === undefined ? undefined : counted(series);
    }),
  );
  return counts.some((c) => c === undefined)
    ? base
    : { ...base, counted: counts.reduce<number>((sum, c) => sum + (c ?? 0), 0) };
}

/** Requests of a series of rates. */
function counted({ points }: Series): number {
  return points.reduce((sum, [time, rate], i) => {
    const next = points[i + 1]?.[0] ?? time + (time - (points[i - 1]?.[0] ?? time));
    return sum + ((rate ?? 0) * (next - time)) / 1000;
  }, 0);
}

function print(
  texts: readonly { readonly name: string; readonly text: string }[],
  flags: Flags,
  session: Session,
): void {
  if (flags.output === undefined) {
    session.out(texts.map(({ text }) => text).join("---\n"));
    return;
  }
  const folder = resolve(session.deps.cwd, flags.output);
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of texts) {
    writeFileSync(join(folder, name), text);
    session.out(`${join(flags.output, name)}\n`);
  }
  session.say(`apply them: weft apply -f ${flags.output}`);
}
