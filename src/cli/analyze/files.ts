import { analyzers } from "../../analysis/analyzers/list.ts";
import type { Analyzer, Finding } from "../../analysis/finding.ts";
import { type IstioCode, isIstioCode, istioMessages, istioText, type Naming } from "../../analysis/messages.ts";
import { silencedBy } from "../../analysis/silence.ts";
import type { DeploymentSpec } from "../../analysis/workloads.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { at, type FieldPath, formatPath } from "../../model/origin.ts";
import { formatRef, kindOf, type Ref, type Resource, type Type } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { readText, type Validate } from "../../sources/text/text.ts";
import { Tracker } from "../../track/tracker.ts";
import type { Input } from "../inputs.ts";
import { isLive, keyOf, laidOver } from "./live.ts";
import { meshConfigObject } from "./mesh-config.ts";
import { patchesInFiles } from "./patches.ts";
import type { Checked } from "./report.ts";
import type { Reported } from "./reported.ts";

/** How much of a cluster the files are: with what `weft up` adds, exactly all of it, or without what istioctl leaves out of files. */
export type Cluster = "mesh" | "files" | "istioctl";

export interface FileAnalysis {
  readonly inputs: readonly Input[];
  /** Objects that are there beside the files'; nothing is told of them. */
  readonly background: readonly Resource[];
  /** Objects of an API server: they are told of like those of the files. */
  readonly live?: readonly Resource[];
  readonly cluster: Cluster;
  /** The text of a MeshConfig. */
  readonly meshConfig?: Input;
  readonly validate: Validate;
  /** Names of analysers; all where it is empty. */
  readonly only: readonly string[];
  /** Types that could not be read: whoever looks at them is left out, rather than finding that they are not there. */
  readonly unread?: readonly Type[];
}

export interface FileFindings {
  readonly findings: readonly Reported[];
  /** What was looked at. */
  readonly checked: readonly Checked[];
  /** Whether some text could not be read as objects. */
  readonly unreadable: boolean;
}

/** Types that istioctl does not take from files, and whose analysers it leaves out there. */
const discovered: readonly string[] = [
  types.Service,
  types.Namespace,
  types.Node,
  types.Pod,
  types.Secret,
  types.Endpoints,
];

/** The name under which an object's own faults are told: `schema.ValidationAnalyzer.VirtualService`. */
export function validationAnalyzer(kind: string): string {
  return `schema.ValidationAnalyzer.${kind}`;
}

/** Analyses texts as a mesh of their own. Pure. */
export function analyzeFiles(options: FileAnalysis): FileFindings {
  const { inputs, validate, cluster, live = [] } = options;
  // Faults are noted, not acted on: the analysers see what an object says even where a rule refuses it.
  const faultsAt = new Map<string, readonly Diagnostic[]>();
  const note: Validate = (resource) => {
    faultsAt.set(resource.origin.at, validate(resource));
    return [];
  };
  for (const resource of live) note(resource);
  const readings = inputs.flatMap((input) =>
    readText(input.file, input.text, note, undefined, input.found).map((reading) => ({ input, reading })),
  );
  const texts = new Map(inputs.map((input) => [input.file, input.text]));
  const printer = new Printer(texts);
  const own = laidOver(
    live,
    readings.flatMap(({ reading }) => [...reading.resources, ...reading.refused]),
  );
  const shapes = own.map((resource) => ({ resource, faults: faultsAt.get(resource.origin.at) ?? [] }));
  const sound = shapes.filter(({ faults }) => !faults.some((f) => f.code === codes.wrongType));
  const counted = sound.map((s) => s.resource).filter((r) => cluster !== "istioctl" || !discovered.includes(r.type));
  const { found, patches } = runAnalyzers(options, counted);
  const wanted = (analyzer: string) => options.only.length === 0 || options.only.includes(analyzer);
  const faults = shapes.flatMap(({ resource, faults: list }) => {
    const analyzer = validationAnalyzer(kindOf(resource.type));
    return wanted(analyzer) ? list.map((fault) => printer.fault(fault, resource, analyzer)) : [];
  });
  const broken = readings
    .flatMap(({ reading }) => reading.diagnostics.map((d) => printer.broken(d, own)))
    .filter((fault) => fault.analyzer === "" || wanted(fault.analyzer))
    // istioctl leaves names and labels to the API server.
    .filter((fault) => cluster === "mesh" || fault.code !== codes.badMetadata);
  return {
    findings: [
      ...broken,
      ...faults,
      ...found.map(({ finding, analyzer, resource }) => printer.finding(finding, resource, analyzer)),
      ...patches.map(({ finding, resource }) => printer.fault(finding, resource, "patches")),
    ],
    checked: own.map((r) => ({ origin: formatRef(r), ...(isLive(r) ? {} : { file: r.origin.file }) })),
    unreadable: readings.some(({ reading }) => !reading.readable),
  };
}

function runAnalyzers(options: FileAnalysis, own: readonly Resource[]) {
  const background = options.cluster === "mesh" ? options.background : options.background.map(asIstioctlHasIt);
  const objects = new Map([...background, ...own].map((r) => [keyOf(r), r]));
  const config = options.meshConfig === undefined ? [] : [meshConfigObject(options.meshConfig)];
  const tracker = new Tracker(
    apply(
      empty,
      [...objects.values(), ...config].map((put) => ({ put })),
    ),
  );
  const found = chosen(options).flatMap((analyzer) =>
    tracker.ask(analyzer.step, "").flatMap((finding) => {
      // Who reads the files as istioctl does hears what istioctl would say.
      if (options.cluster !== "mesh" && !isIstioCode(finding.code)) return [];
      const resource = own.find((r) => isAbout(finding.about, r));
      if (resource === undefined) return [];
      const position = resource.origin.locate(finding.path ?? []);
      return [{ finding: { ...finding, position }, analyzer: analyzer.name, resource }];
    }),
  );
  return { found, patches: ofPatches(options, tracker, own) };
}

/** What istioctl does not know: where the patches of EnvoyFilters would change something. */
function ofPatches({ cluster, only }: FileAnalysis, tracker: Tracker, own: readonly Resource[]) {
  if (cluster !== "mesh" || only.length > 0) return [];
  return patchesInFiles(tracker).flatMap((finding) => {
    const resource = own.find((r) => finding.about !== undefined && isAbout(finding.about, r));
    return resource === undefined ? [] : [{ finding, resource }];
  });
}

/** istioctl brings its gateway as a Pod of this name: messages name it. */
function asIstioctlHasIt(resource: Resource): Resource {
  if (resource.type !== types.Deployment) return resource;
  const { template } = resource.spec as DeploymentSpec;
  const labels = template?.metadata?.labels ?? {};
  const name = `${resource.name}-dummypod`;
  return { ...resource, type: types.Pod, apiVersion: "v1", name, labels, spec: template?.spec ?? {} };
}

function chosen({ only, cluster, unread = [] }: FileAnalysis): readonly Analyzer[] {
  return analyzers
    .filter((a) => !a.inputs.some((type) => unread.includes(type)))
    .filter((a) => (only.length === 0 ? !a.optional : only.includes(a.name)))
    .filter((a) => cluster !== "istioctl" || !a.inputs.some((type) => discovered.includes(type)));
}

function isAbout(ref: Ref, resource: Resource): boolean {
  return ref.type === resource.type && ref.namespace === resource.namespace && ref.name === resource.name;
}

/** Makes words of findings; knows the texts, as istioctl's references need them. */
class Printer {
  readonly #texts: ReadonlyMap<string, string>;

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts;
  }

  finding(finding: Finding, resource: Resource, analyzer: string): Reported {
    const message = isIstioCode(finding.code)
      ? istioText(finding.code, finding.args, writtenNaming(resource))
      : finding.message;
    return this.#reported(finding, resource, analyzer, message, this.#line(resource, finding.line));
  }

  /** What an object breaks by itself, of its kind's rules. */
  fault(fault: Diagnostic, resource: Resource, analyzer: string): Reported {
    const prefixed = fault.code === codes.invalid || fault.code === codes.warning;
    const message = prefixed ? istioText(fault.code as IstioCode, [fault.message]) : fullStop(fault);
    const position = fault.position ?? resource.origin.locate(fault.path ?? []);
    return this.#reported({ ...fault, position }, resource, analyzer, message, this.#line(resource, undefined));
  }

  /** What keeps a text from being objects. */
  broken(fault: Diagnostic, own: readonly Resource[]): Reported {
    const { about, position } = fault;
    const resource = about && own.find((r) => isAbout(about, r));
    if (resource !== undefined) return this.fault(fault, resource, validationAnalyzer(kindOf(resource.type)));
    const origin = about === undefined ? (position?.file ?? "") : formatRef(about);
    return {
      code: fault.code,
      level: fault.level,
      origin,
      message: fault.message,
      analyzer: "",
      silenced: [],
      istio: { origin, message: fault.message, ...(position && { reference: `${position.file}:${position.line}` }) },
      ...(about && { namespace: about.namespace }),
      ...(position && { at: at(position) }),
      ...(fault.path && fault.path.length > 0 && { field: formatPath(fault.path) }),
      ...(fault.fix && { fix: fault.fix }),
    };
  }

  #reported(d: Diagnostic, resource: Resource, analyzer: string, message: string, line: number): Reported {
    const kind = kindOf(resource.type);
    const field = d.path && d.path.length > 0 ? { field: formatPath(d.path) } : {};
    return {
      code: d.code,
      level: d.level,
      origin: formatRef(resource),
      message: d.message,
      analyzer,
      silenced: silencedBy(resource.annotations),
      ...(d.also === undefined ? {} : { also: d.also }),
      istio: {
        origin: `${kind} ${writtenNaming(resource).name(resource)}`,
        message,
        ...(isLive(resource) ? {} : { reference: `${resource.origin.file}:${line}` }),
      },
      ...(resource.namespace === "" ? {} : { namespace: resource.namespace }),
      ...(d.position && !isLive(resource) ? { at: at(d.position) } : {}),
      ...field,
      ...(d.fix === undefined ? {} : { fix: d.fix }),
    };
  }

  /** The line that istioctl names: the field's, else the first of the object's document that is not blank. */
  #line(resource: Resource, path: FieldPath | undefined): number {
    if (path !== undefined && exists(resource, path)) return resource.origin.locate(path).line;
    const lines = (this.#texts.get(resource.origin.file) ?? "").split("\n");
    let line = resource.origin.line;
    while (line > 1 && !(lines[line - 2] ?? "").startsWith("---")) line--;
    while (line < resource.origin.line && (lines[line - 1] ?? "").trim() === "") line++;
    return line;
  }
}

function exists(resource: Resource, path: FieldPath): boolean {
  const [head, ...rest] = path;
  if (head === "metadata") return true;
  let value: unknown = head === "spec" ? resource.spec : resource.data?.[head as string];
  for (const step of rest) {
    if (typeof value !== "object" || value === null) return false;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value !== undefined;
}

/** Istio's sentences end with a full stop, ours do not. */
function fullStop({ code, message }: Diagnostic): string {
  const template = Object.hasOwn(istioMessages, code) ? istioMessages[code as IstioCode].template : "";
  return template.endsWith(".") && !message.endsWith(".") ? `${message}.` : message;
}

/** istioctl knows no default namespace for what is in files: a namespace that was not written is none. */
function writtenNaming(resource: Resource): Naming {
  const unwritten = resource.namespace === "default" && !namespaceIsWritten(resource);
  const namespace = (ref: Ref) => (unwritten && ref.namespace === resource.namespace ? "" : ref.namespace);
  return { namespace, name: (ref) => (namespace(ref) === "" ? ref.name : `${ref.namespace}/${ref.name}`) };
}

function namespaceIsWritten({ origin }: Resource): boolean {
  if (origin.line === 0) return true;
  return at(origin.locate(["metadata", "namespace"])) !== at(origin.locate(["metadata"]));
}
