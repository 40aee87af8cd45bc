import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { wildcard } from "../analyze/reported.ts";
import { collection } from "../bug-report/collect.ts";
import { aboutCluster, controlPlanes, meshObjects, proxies, type Scope } from "../bug-report/steps.ts";
import { tar } from "../bug-report/tar.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration, parseNumber } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { listOption, revisionOption } from "../options.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output?: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly duration: string;
  readonly maxSize: string;
  readonly revision?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Gathers what explains a fault into one file: logs of the control plane and the
proxies, the mesh's objects, what each Envoy has, proxy-status, findings, versions
and events. What is down or forbidden is left out, and missing.txt says so.
Secrets are not read; keys, tokens, passwords and credentials in what is read are
replaced by [redacted]. Look at it before you pass it on, nevertheless.

Examples:
  weft bug-report
  weft bug-report --include shop,payments --duration 1h
  weft bug-report --exclude "kube-*" --max-size 20 -o report.tar.gz`,
    )
    .option("-o, --output <file>", "where to (default: weft-bug-report-TIME.tar.gz)")
    .addOption(listOption("--include <namespaces>", "only of these; * matches (default: all)"))
    .addOption(listOption("--exclude <namespaces>", "not of these; * matches"))
    .option("--duration <duration>", "how far back logs go", "30m")
    .option("--max-size <MB>", "of all texts before they are packed", "100")
    .addOption(revisionOption())
    .action((flags: Flags) => bugReport(flags, session));
};

export const places: CommandModule["places"] = ["nothing"];
export const values: CommandModule["values"] = { output: "file", include: "namespace", exclude: "namespace" };

async function bugReport(flags: Flags, session: Session): Promise<void> {
  const cluster = await session.cluster(flags.revision);
  const sinceSeconds = Math.ceil(parseDuration("--duration", flags.duration) / 1000);
  const into = collection(parseNumber("--max-size", flags.maxSize, 1, 10_000) * 1024 * 1024, (what) => {
    session.say(session.errorColors.dim(`  ${what}`));
  });
  const scope: Scope = { cluster, session, into, sinceSeconds, wants: wantsOf(flags, cluster.installNamespace) };
  // Small things first: they fit in any case.
  for (const part of [aboutCluster, findings, meshObjects, controlPlanes, proxies]) await part(scope);
  const now = session.deps.clock.now();
  const stamp = new Date(now).toISOString().replace(/[:.]/g, "-").slice(0, 19);
  const name = `weft-bug-report-${stamp}`;
  const file = flags.output ?? `${name}.tar.gz`;
  const missing = into.missing.length === 0 ? "nothing\n" : `${into.missing.join("\n")}\n`;
  const texts = [...into.files, ["missing.txt", missing] as const];
  const entries = texts.map(([path, text]) => ({ path: `${name}/${path}`, content: Buffer.from(text) }));
  write(resolve(session.deps.cwd, file), gzipSync(tar(entries, now)));
  session.out(`${file}\n`);
  for (const one of into.missing.slice(0, 8)) session.warn(one);
  if (into.missing.length > 8) session.warn(`and ${into.missing.length - 8} more: see missing.txt in it`);
  if (into.files.size === 0)
    throw new CliError(
      exitCodes.unreachable,
      "nothing could be read of the cluster; the file says only why",
      "weft check",
    );
}

/** What `weft check` and `weft analyze` would say. */
async function findings({ cluster, session, into }: Scope): Promise<void> {
  await into.step("checks", async () => {
    const [{ runChecks }, { categoriesOf }] = await Promise.all([
      import("../check/check.ts"),
      import("../check/categories.ts"),
    ]);
    into.value("check.json", await runChecks(categoriesOf(cluster, { proxy: true }, session), () => {}));
  });
  await into.step("analyze", async () => {
    const [{ analyzeFiles }, { liveObjects }, validate] = await Promise.all([
      import("../analyze/files.ts"),
      import("../kube/live-objects.ts"),
      session.deps.loadValidate(),
    ]);
    const { resources, forbidden } = await liveObjects(cluster);
    const options = { inputs: [], background: [], live: resources, unread: forbidden, only: [] };
    into.value("analyze.json", analyzeFiles({ ...options, cluster: "mesh", validate }).findings);
  });
}

/** The install namespace is always a part, unless it is excluded by name. */
function wantsOf(
  { include, exclude }: Pick<Flags, "include" | "exclude">,
  installNamespace: string,
): (namespace: string) => boolean {
  const matches = (patterns: readonly string[], name: string) => patterns.some((pattern) => wildcard(pattern, name));
  return (namespace) =>
    !matches(exclude, namespace) &&
    (include.length === 0 || namespace === installNamespace || matches(include, namespace));
}

function write(path: string, content: Buffer): void {
  try {
    writeFileSync(path, content, { mode: 0o600 });
  } catch (error) {
    throw new CliError(
      exitCodes.noInput,
      `${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`,
      "name another with -o",
    );
  }
}
