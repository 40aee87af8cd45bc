import { Option } from "commander";
import type { Finding as ApiFinding, ConfigDetail, ConfigObject } from "../../api/contract.ts";
import type { Level } from "../../model/diagnostic.ts";
import type { Resource } from "../../model/resource.ts";
import type { Validate } from "../../sources/text/text.ts";
import { closest } from "../../std/closest.ts";
import type { Cluster } from "../analyze/files.ts";
import { fromApi, istioctlMessages, levels, type Reported, reaches, sorted, suppresses } from "../analyze/reported.ts";
import type { CommandModule } from "../command-module.ts";
import { parseNumber } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type Input, readInputs } from "../inputs.ts";
import { allNamespacesOption, booleanOption, listOption, namespaceOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";
import { objectPath } from "./get.ts";

interface Flags {
  readonly output: "log" | "short" | "json" | "yaml";
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly analyzer: readonly string[];
  readonly listAnalyzers?: boolean;
  readonly failureThreshold: Level;
  readonly outputThreshold: Level;
  readonly suppress: readonly string[];
  readonly useKube?: boolean;
  readonly filesAreCluster?: boolean;
  readonly meshConfigFile?: string;
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
any at the running mesh. Takes istioctl's flags. Ends with 2 when it finds
something as bad as --failure-threshold.

Examples:
  weft analyze
  weft analyze samples/bookinfo
  weft analyze a.yaml b.yaml -o json
  kubectl get vs,dr,svc -A -o yaml | weft analyze -
  weft analyze . -S "IST0102=Namespace test-*" --failure-threshold Warning`,
    )
    .argument("[files...]", "files, folders, -")
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(["log", "short", "json", "yaml"]).default("log"),
    )
    .addOption(namespaceOption())
    .addOption(allNamespacesOption())
    .addOption(listOption("--analyzer <name>", "only these analyzers"))
    .addOption(new Option("-L, --list-analyzers", "list them"))
    .addOption(level("--failure-threshold <level>", "what makes it fail", "Error"))
    .addOption(level("--output-threshold <level>", "what is printed", "Info"))
    .addOption(listOption("-S, --suppress <rule>", 'CODE=KIND NAME.NAMESPACE; "*" matches'))
    .addOption(optional("--use-kube", "files are put on top of the running mesh"))
    .addOption(optional("--files-are-cluster", "the files are all there is; =false: as istioctl reads files"))
    .addOption(new Option("--meshConfigFile <file>", "Istio's MeshConfig"))
    .addOption(new Option("--exit-code <code>", "instead of 2, when it fails (istioctl: 79)"))
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
  const { findings, inputs, unreadable, looked } =
    files.length > 0 ? await ofFiles(files, flags, session) : await ofMesh(flags, session);
  const told = sorted(findings)
    .filter(
      (f) =>
        flags.namespace === undefined || flags.allNamespaces || (f.namespace ?? flags.namespace) === flags.namespace,
    )
    .filter((f) => !f.silenced.some((s) => s === "*" || s === f.code))
    .filter((f) => !flags.suppress.some((rule) => suppresses(rule, f)))
    .filter((f) => reaches(f.level, flags.outputThreshold));
  await print(told, inputs, flags, looked, session);
  if (unreadable) session.exitCode = exitCodes.badData;
  else if (told.some((f) => reaches(f.level, flags.failureThreshold))) session.exitCode = code;
}

interface Looked {
  readonly findings: readonly Reported[];
  readonly inputs: readonly Input[];
  readonly unreadable: boolean;
  readonly looked: string;
}

async function ofFiles(files: readonly string[], flags: Flags, session: Session): Promise<Looked> {
  const { cwd, readStdin, installFolder, loadValidate } = session.deps;
  const cluster: Cluster = flags.filesAreCluster === undefined ? "mesh" : flags.filesAreCluster ? "files" : "istioctl";
  const [{ analyzeFiles }, validate, inputs] = await Promise.all([
    import("../analyze/files.ts"),
    cluster === "mesh" ? loadValidate() : asIstio(),
    readInputs(files, cwd, readStdin),
  ]);
  const background = flags.useKube
    ? await meshObjects(session)
    : await objectsOf(await readInputs([installFolder], cwd, readStdin));
  const [meshConfig] =
    flags.meshConfigFile === undefined ? [] : await readInputs([flags.meshConfigFile], cwd, readStdin);
  const found = analyzeFiles({
    inputs,
    background,
    cluster,
    validate,
    only: flags.analyzer,
    ...(meshConfig === undefined ? {} : { meshConfig }),
  });
  const count = inputs.length === 1 ? "1 file" : `${inputs.length} files`;
  return {
    findings: found.findings,
    inputs,
    unreadable: found.unreadable,
    looked: `${count}, ${found.objects} objects`,
  };
}

/** istioctl judges Istio's kinds by Istio's rules only, in Istio's words. */
async function asIstio(): Promise<Validate> {
  return (await import("../../analysis/validate/object.ts")).validateAsIstio;
}

async function ofMesh(flags: Flags, session: Session): Promise<Looked> {
  if (flags.useKube === false)
    throw new CliError(
      exitCodes.usage,
      "weft analyze: no files",
      "name files or folders, or leave out --use-kube=false",
    );
  const client = await session.client();
  const { istioMessages } = await import("../../analysis/messages.ts");
  const { analyzers } = await import("../../analysis/analyzers/list.ts");
  const only = new Set(
    analyzers.filter((a) => flags.analyzer.includes(a.name)).flatMap((a) => a.codes as readonly string[]),
  );
  const findings = (await client.get<readonly ApiFinding[]>("diagnostics"))
    .filter((f) => flags.analyzer.length === 0 || only.has(f.code))
    .map((f) => fromApi(f, istioMessages[f.code as keyof typeof istioMessages]?.template.endsWith(".") ?? false));
  return { findings, inputs: [], unreadable: false, looked: `the mesh at ${client.target.server}` };
}

/** Everything that the running mesh reads, each object at the place where it was written. */
async function meshObjects(session: Session): Promise<Resource[]> {
  const client = await session.client();
  const list = await client.get<readonly ConfigObject[]>("config");
  const details: Input[] = [];
  for (const object of list) {
    const { yaml } = await client.get<ConfigDetail>(`config/${objectPath(object)}`);
    details.push({ file: object.at.replace(/(:\d+){1,2}$/, ""), text: yaml, found: false });
  }
  return objectsOf(details);
}

async function objectsOf(inputs: readonly Input[]): Promise<Resource[]> {
  const { readText } = await import("../../sources/text/text.ts");
  return inputs.flatMap((i) => readText(i.file, i.text, () => [], undefined, i.found).flatMap((r) => r.resources));
}

async function print(
  told: readonly Reported[],
  inputs: readonly Input[],
  flags: Flags,
  looked: string,
  session: Session,
): Promise<void> {
  if (flags.output === "json" || flags.output === "yaml") {
    session.out(await renderData(istioctlMessages(told), flags.output));
    return;
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
