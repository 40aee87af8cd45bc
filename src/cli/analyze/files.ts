import { analyzers } from "../../analysis/analyzers/list.ts";
import type { Analyzer } from "../../analysis/finding.ts";
import { isIstioCode } from "../../analysis/messages.ts";
import { run } from "../../analysis/run.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { formatRef, kindOf, type Resource, type Type } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { readText, type Validate } from "../../sources/text/text.ts";
import { Tracker } from "../../track/tracker.ts";
import type { Input } from "../inputs.ts";
import { withWrittenNamespace } from "./as-istioctl.ts";
import { isLive, keyOf, laidOver } from "./live.ts";
import { meshConfigObject } from "./mesh-config.ts";
import { patchesInFiles } from "./patches.ts";
import { Printer, validationAnalyzer } from "./printer.ts";
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
  const written = readings.flatMap(({ reading }) => [...reading.resources, ...reading.refused]);
  const asIstioctl = cluster !== "mesh" && live.length === 0;
  const own = laidOver(live, asIstioctl ? written.map(withWrittenNamespace) : written);
  const shapes = own.map((resource) => ({ resource, faults: faultsAt.get(resource.origin.at) ?? [] }));
  const sound = shapes.filter(({ faults }) => !faults.some((f) => f.code === codes.wrongType));
  const counted = sound.map((s) => s.resource).filter((r) => cluster !== "istioctl" || !discovered.includes(r.type));
  const { found, failed, patches, snapshot } = runAnalyzers(options, counted);
  const printer = new Printer(texts, snapshot, cluster !== "mesh");
  const wanted = (analyzer: string) => options.only.length === 0 || options.only.includes(analyzer);
  const faults = shapes.flatMap(({ resource, faults: list }) => {
    const analyzer = validationAnalyzer(kindOf(resource.type));
    return wanted(analyzer) ? list.map((fault) => printer.fault(fault, resource, analyzer)) : [];
  });
  const broken = [...failed, ...readings.flatMap(({ reading }) => reading.diagnostics)]
    .map((d) => printer.broken(d, own))
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
  const objects = new Map([...options.background, ...own].map((r) => [keyOf(r), r]));
  const byKey = new Map(own.map((r) => [keyOf(r), r]));
  const config = options.meshConfig === undefined ? [] : [meshConfigObject(options.meshConfig)];
  const tracker = new Tracker(
    apply(
      empty,
      [...objects.values(), ...config].map((put) => ({ put })),
    ),
  );
  const ran = chosen(options).map((analyzer) => ({ analyzer, ...run(tracker, analyzer) }));
  const found = ran.flatMap(({ analyzer, found }) =>
    found.flatMap((finding) => {
      // Who reads the files as istioctl does hears what istioctl would say.
      if (options.cluster !== "mesh" && !isIstioCode(finding.code)) return [];
      const resource = byKey.get(keyOf(finding.about));
      if (resource === undefined) return [];
      const position = resource.origin.locate(finding.path ?? []);
      return [{ finding: { ...finding, position }, analyzer: analyzer.name, resource }];
    }),
  );
  const failed = ran.flatMap(({ fault }) => fault ?? []);
  return { found, failed, patches: ofPatches(options, tracker, byKey), snapshot: tracker.snapshot };
}

/** What istioctl does not know: where the patches of EnvoyFilters would change something. */
function ofPatches({ cluster, only }: FileAnalysis, tracker: Tracker, own: ReadonlyMap<string, Resource>) {
  if (cluster !== "mesh" || only.length > 0) return [];
  return patchesInFiles(tracker).flatMap((finding) => {
    const resource = finding.about && own.get(keyOf(finding.about));
    return resource === undefined ? [] : [{ finding, resource }];
  });
}

function chosen({ only, cluster, unread = [] }: FileAnalysis): readonly Analyzer[] {
  return analyzers
    .filter((a) => !a.inputs.some((type) => unread.includes(type)))
    .filter((a) => (only.length === 0 ? !a.optional : only.includes(a.name)))
    .filter((a) => cluster !== "istioctl" || !a.inputs.some((type) => discovered.includes(type)));
}
