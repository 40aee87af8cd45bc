import type { Finding as ApiFinding, ConfigDetail, ConfigObject } from "../../api/contract/config.ts";
import type { Resource } from "../../model/resource.ts";
import type { Validate } from "../../sources/text/text.ts";
import { objectPath } from "../commands/get.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type Input, readInputs } from "../inputs.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { LiveObjects } from "../kube/live-objects.ts";
import type { Session } from "../session.ts";
import { defaultIngress } from "./as-istioctl.ts";
import type { Cluster, FileAnalysis, FileFindings } from "./files.ts";
import { meshConfigObject } from "./mesh-config.ts";
import type { Checked } from "./report.ts";
import { fromApi, type Reported } from "./reported.ts";

/** What `weft analyze` is told about where to look. */
export interface AnalyzeFlags {
  readonly namespace?: string;
  readonly analyzer: readonly string[];
  readonly useKube?: boolean;
  readonly filesAreCluster?: boolean;
  readonly meshConfigFile?: string;
  readonly revision?: string;
}

/** What was found, before anything is silenced. */
export interface Looked {
  readonly findings: readonly Reported[];
  readonly inputs: readonly Input[];
  readonly checked: readonly Checked[];
  readonly unreadable: boolean;
  /** `3 files, 12 objects`. */
  readonly looked: string;
}

/** Files, by themselves or put on top of a mesh. */
export async function ofFiles(files: readonly string[], flags: AnalyzeFlags, session: Session): Promise<Looked> {
  const { cwd, readStdin, installFolder, loadValidate } = session.deps;
  const cluster: Cluster = flags.filesAreCluster === undefined ? "mesh" : flags.filesAreCluster ? "files" : "istioctl";
  const inputs = await readInputs(files, cwd, readStdin);
  const [meshConfig] =
    flags.meshConfigFile === undefined ? [] : await readInputs([flags.meshConfigFile], cwd, readStdin);
  const where = (flags.useKube ?? namesCluster(session)) ? await session.where(flags.revision) : undefined;
  const common = { inputs, cluster, only: flags.analyzer, ...(meshConfig === undefined ? {} : { meshConfig }) };
  const count = inputs.length === 1 ? "1 file" : `${inputs.length} files`;
  if (where !== undefined && "choice" in where) {
    const { found, said } = await onCluster(where, common, flags, session);
    return { ...found, inputs, looked: `${count} on top of ${said}` };
  }
  const { analyzeFiles } = await import("./files.ts");
  const validate = cluster === "mesh" ? await loadValidate() : await asIstio();
  const given = async () =>
    cluster === "mesh"
      ? objectsOf(await readInputs([installFolder], cwd, readStdin))
      : defaultIngress(meshConfig === undefined ? {} : (meshConfigObject(meshConfig).spec as object));
  const background = where === undefined ? await given() : await meshObjects(session);
  const found = analyzeFiles({ ...common, background, validate });
  return { ...found, inputs, looked: `${count}, ${found.checked.length} objects` };
}

/** Who names a cluster and files means both. */
function namesCluster({ options: { kube } }: Session): boolean {
  return kube.kubeconfig !== undefined || kube.context !== undefined;
}

/** The running mesh, or the cluster. */
export async function ofMesh(flags: AnalyzeFlags, session: Session): Promise<Looked> {
  if (flags.useKube === false)
    throw new CliError(
      exitCodes.usage,
      "weft analyze: no files",
      "name files or folders, or leave out --use-kube=false",
    );
  const where = await session.where(flags.revision);
  if ("choice" in where) {
    const { found, said } = await onCluster(
      where,
      { inputs: [], cluster: "mesh", only: flags.analyzer },
      flags,
      session,
    );
    return { ...found, inputs: [], looked: said };
  }
  const client = await session.client();
  const { istioMessages } = await import("../../analysis/messages.ts");
  const { analyzers } = await import("../../analysis/analyzers/list.ts");
  const only = new Set(
    analyzers.filter((a) => flags.analyzer.includes(a.name)).flatMap((a) => a.codes as readonly string[]),
  );
  const findings = (await client.get<readonly ApiFinding[]>("diagnostics"))
    .filter((f) => flags.analyzer.length === 0 || only.has(f.code))
    .map((f) => fromApi(f, istioMessages[f.code as keyof typeof istioMessages]?.template.endsWith(".") ?? false));
  return { findings, inputs: [], checked: [], unreadable: false, looked: `the mesh at ${client.target.server}` };
}

type Common = Pick<FileAnalysis, "inputs" | "cluster" | "only" | "meshConfig">;

/** Of files on a cluster: what is told of them, and what the cluster's own objects have only since the files are there. */
async function onCluster(cluster: KubeCluster, common: Common, flags: AnalyzeFlags, session: Session) {
  const [{ analyzeFiles }, { liveObjects }, validate] = await Promise.all([
    import("./files.ts"),
    import("../kube/live-objects.ts"),
    session.deps.loadValidate(),
  ]);
  const live = await liveObjects(cluster, flags.namespace);
  tellUnread(live, session);
  const options: FileAnalysis = {
    ...{ background: [], live: live.resources, unread: live.forbidden, validate },
    ...(live.meshConfig === undefined
      ? {}
      : { meshConfig: { file: "MeshConfig", text: live.meshConfig, found: false } }),
    ...common,
  };
  const found: FileFindings = analyzeFiles(options);
  const said = `context ${cluster.context}, ${live.resources.length} objects`;
  if (common.inputs.length === 0) return { found, said };
  const before = new Set(analyzeFiles({ ...options, inputs: [] }).findings.map(sameness));
  const isOfFiles = (f: Reported) => f.at !== undefined;
  const findings = found.findings.filter((f) => isOfFiles(f) || !before.has(sameness(f)));
  return { found: { ...found, findings, checked: found.checked.filter((c) => c.file !== undefined) }, said };
}

function sameness({ code, origin, field, message }: Reported): string {
  return [code, origin, field, message].join("\0");
}

function tellUnread({ forbidden }: LiveObjects, session: Session): void {
  if (forbidden.length === 0) return;
  session.warn(
    `these may not be listed in all namespaces, so what concerns them was not checked: ${forbidden.join(", ")}. Have "get" and "list" granted, or name your namespace with -n`,
  );
}

/** istioctl judges Istio's kinds by Istio's rules only, in Istio's words. */
async function asIstio(): Promise<Validate> {
  return (await import("../../analysis/validate/object.ts")).validateAsIstio;
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
