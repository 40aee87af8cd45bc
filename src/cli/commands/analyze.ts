import { Option } from "commander";
import { isSilenced } from "../../analysis/silence.ts";
import type { Level } from "../../model/diagnostic.ts";
import { closest } from "../../std/closest.ts";
import { type AnalyzeFlags, ofFiles, ofMesh } from "../analyze/gather.ts";
import type { Report } from "../analyze/report.ts";
import { istioctlMessages, levels, type Reported, reaches, sorted, suppresses } from "../analyze/reported.ts";
import type { CommandModule } from "../command-module.ts";
import { parseNumber } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { Input } from "../inputs.ts";
import { allNamespacesOption, booleanOption, listOption, namespaceOption, revisionOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";

const outputs = ["log", "short", "json", "yaml", "sarif", "junit", "github"] as const;

interface Flags extends AnalyzeFlags {
  readonly output: (typeof outputs)[number];
  readonly allNamespaces?: boolean;
  readonly listAnalyzers?: boolean;
  readonly failureThreshold: Level;
  readonly outputThreshold: Level;
  readonly suppress: readonly string[];
  readonly ignoreUnknown?: boolean;
  readonly recursive?: boolean;
  readonly exitCode?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  const level = (flags: string, says: string, fallback: Level) =>
    new Option(flags, says).choices(levels).default(fallback);
  command
    .usage("[FILE...] [options]")
    .description(
      `Finds what is wrong between objects: hosts, subsets, gateways that are not
there, VirtualServices that are in each other's way. Looks at files, or without
any at the running mesh or the cluster; with --use-kube at files put on top of
it: then at what they say and at what they would break. Takes istioctl's flags.
Ends with 2 when it finds something as bad as --failure-threshold.

Examples:
  weft analyze
  weft analyze samples/bookinfo
  weft analyze --context prod -n shop
  weft analyze a.yaml b.yaml --use-kube
  weft analyze . -o sarif > findings.sarif
  kubectl get vs,dr,svc -A -o yaml | weft analyze -
  weft analyze . -S "IST0102=Namespace test-*" --failure-threshold Warning`,
    )
    .argument("[files...]", "files, folders, -")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(outputs).default("log"))
    .addOption(namespaceOption())
    .addOption(allNamespacesOption())
    .addOption(listOption("--analyzer <name>", "only these analyzers"))
    .addOption(new Option("-L, --list-analyzers", "list them"))
    .addOption(level("--failure-threshold <level>", "what makes it fail", "Error"))
    .addOption(level("--output-threshold <level>", "what is printed", "Info"))
    .addOption(listOption("-S, --suppress <rule>", 'CODE=KIND NAME.NAMESPACE; "*" matches'))
    .addOption(optional("--use-kube", "files are put on top of the mesh or cluster"))
    .addOption(optional("--files-are-cluster", "the files are all there is; =false: as istioctl reads files"))
    .addOption(new Option("--meshConfigFile <file>", "Istio's MeshConfig"))
    .addOption(new Option("--exit-code <code>", "instead of 2, when it fails (istioctl: 79)"))
    .addOption(revisionOption())
    .addOption(new Option("-R, --recursive", "folders are always read whole").hideHelp())
    .addOption(new Option("--ignore-unknown", "files that are no YAML are left out").hideHelp())
    .action((files: string[], flags: Flags) => analyze(files, flags, session));
};

export const places: CommandModule["places"] = ["file"];
export const values: CommandModule["values"] = { analyzer: "analyzer", meshConfigFile: "file" };

function optional(flag: string, says: string): Option {
  const option = booleanOption(flag, says, false);
  return option.default(undefined);
}

async function analyze(files: string[], flags: Flags, session: Session): Promise<void> {
  if (flags.listAnalyzers) return listAnalyzers(session);
  await checkNames(flags.analyzer);
  const code = flags.exitCode === undefined ? exitCodes.findings : parseNumber("--exit-code", flags.exitCode, 0, 255);
  const { findings, inputs, unreadable, looked, checked } =
    files.length > 0 ? await ofFiles(files, flags, session) : await ofMesh(flags, session);
  const told = sorted(findings)
    .filter(
      (f) =>
        flags.namespace === undefined || flags.allNamespaces || (f.namespace ?? flags.namespace) === flags.namespace,
    )
    .filter((f) => !isSilenced(f.silenced, f))
    .filter((f) => !flags.suppress.some((rule) => suppresses(rule, f)))
    .filter((f) => reaches(f.level, flags.outputThreshold));
  const fails = (f: Reported) => reaches(f.level, flags.failureThreshold);
  const { version, cwd } = session.deps;
  await print({ findings: told, checked, fails, version, cwd }, inputs, flags, looked, session);
  if (unreadable) session.exitCode = exitCodes.badData;
  else if (told.some(fails)) session.exitCode = code;
}

async function print(
  report: Report,
  inputs: readonly Input[],
  flags: Flags,
  looked: string,
  session: Session,
): Promise<void> {
  const told = report.findings;
  switch (flags.output) {
    case "json":
    case "yaml":
      return session.out(await renderData(istioctlMessages(told), flags.output));
    case "sarif":
      return session.out(await renderData((await import("../analyze/sarif.ts")).sarif(report), "json"));
    case "junit":
      return session.out((await import("../analyze/junit.ts")).junit(report));
    case "github":
      return session.out((await import("../analyze/github.ts")).github(report));
  }
  const { oneLine, tally, withSource } = await import("../analyze/print.ts");
  for (const finding of told) {
    const text =
      flags.output === "short" ? oneLine(finding, session.colors) : withSource(finding, inputs, session.colors);
    session.out(`${text}\n`);
  }
  const { green } = session.errorColors;
  session.say(
    told.length === 0
      ? `${green("√")} Nothing found (${looked}).`
      : `${tally(told)} (${looked}). weft explain CODE says more.`,
  );
}

async function listAnalyzers(session: Session): Promise<void> {
  const { analyzers } = await import("../../analysis/analyzers/list.ts");
  const lines = analyzers.map((a) => `* ${a.name}:\n${a.description}. Tells ${a.codes.join(", ")}.\n`);
  session.out(
    `${lines.join("\n")}\n* schema.ValidationAnalyzer.KIND:\nRules of a kind, object by object. Tells IST0106, IST0133 and WEFT codes.\n`,
  );
}

async function checkNames(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const { analyzers } = await import("../../analysis/analyzers/list.ts");
  for (const name of names) {
    if (name.startsWith("schema.ValidationAnalyzer.") || analyzers.some((a) => a.name === name)) continue;
    const meant = closest(
      name,
      analyzers.map((a) => a.name),
    );
    throw new CliError(
      exitCodes.usage,
      `--analyzer ${name}: there is no such analyzer`,
      meant === undefined ? "weft analyze --list-analyzers lists them" : `did you mean ${meant}?`,
    );
  }
}
