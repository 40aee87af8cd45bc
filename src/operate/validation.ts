import { run, usual } from "../analysis/run.ts";
import { isSilenced, silencedIn } from "../analysis/silence.ts";
import { type Diagnostic, formatCodes } from "../model/diagnostic.ts";
import { formatPath } from "../model/origin.ts";
import type { Resource } from "../model/resource.ts";
import { apply, get, type Snapshot } from "../model/snapshot.ts";
import { Tracker } from "../track/tracker.ts";
import type { AdmissionRequest, Judgement } from "./admission.ts";

export interface ValidationOptions {
  /** The mesh as it is. */
  readonly snapshot: () => Snapshot;
  /** Reads an object and judges it by itself, as one of a file. */
  readonly read: (object: unknown) => { readonly resource?: Resource; readonly diagnostics: readonly Diagnostic[] };
  /** Milliseconds from some moment on, for the bound below. */
  readonly elapsed: () => number;
  /** The longest that the mesh is looked at for one object, in milliseconds; 200 by default. What was not looked at by then is not told. */
  readonly boundMs?: number;
}

const groups = /(^|\.)(istio\.io|gateway\.networking\.k8s\.io|weft\.dev)$/;

/** Judges what users apply: errors are refused; what has no effect, and what would be wrong in the mesh as it is, are warnings. */
export function validation(options: ValidationOptions): (request: AdmissionRequest) => Judgement {
  const foresee = foresight(options);
  return ({ operation, kind, subResource, object }) => {
    const judged = operation === "CREATE" || operation === "UPDATE";
    if (!judged || !groups.test(kind.group) || (subResource ?? "") !== "") return { warnings: [] };
    const { resource, diagnostics } = options.read(object);
    const errors = diagnostics.filter((d) => d.level === "Error").map(inWords);
    if (errors.length > 0 || resource === undefined) return { refused: errors.join("\n"), warnings: [] };
    const silenced = silencedIn(options.snapshot(), resource, resource);
    const own = diagnostics.filter((d) => d.level === "Warning" && !isSilenced(silenced, d));
    return { warnings: [...new Set([...own, ...foresee(resource)].map(inWords))] };
  };
}

/** `WEFT0012 spec.http[0].timeout: "5 seconds" is not a duration; write "5s"`. */
function inWords(diagnostic: Diagnostic): string {
  const { path = [], message, fix } = diagnostic;
  const field = path.length > 0 ? `${formatPath(path)}: ` : "";
  return `${formatCodes(diagnostic)} ${field}${message}${fix === undefined ? "" : `; ${fix}`}`;
}

/**
 * What the analysers would find of an object in the mesh, and do not find already. Their answers are kept, so that a change costs what it
 * changes; at first they are worked out a part at each call, within the bound.
 */
function foresight({ snapshot, elapsed, boundMs = 200 }: ValidationOptions) {
  let tracker: Tracker | undefined;
  return (resource: Resource): readonly Diagnostic[] => {
    const now = snapshot();
    tracker ??= new Tracker(now);
    const until = elapsed() + boundMs;
    const silenced = silencedIn(now, resource, resource);
    const look = (at: Snapshot) => {
      tracker?.advance(at);
      const found: Diagnostic[] = [];
      for (const analyzer of usual) {
        if (tracker === undefined || elapsed() > until) return { found, whole: false };
        for (const finding of run(tracker, analyzer).found)
          if (isAbout(finding, resource) && !isSilenced(silenced, finding)) found.push(finding);
      }
      return { found, whole: true };
    };
    const before = look(now);
    if (!before.whole) return [];
    const { type, namespace, name } = resource;
    const old = get(now, { type, namespace, name });
    const put = { ...resource, createdAt: old?.createdAt ?? (resource.createdAt || Number.MAX_SAFE_INTEGER) };
    const { found } = look(apply(now, [{ put }]));
    tracker.advance(now);
    const known = new Set(before.found.map(inWords));
    return found.filter((one) => one.level !== "Info" && !known.has(inWords(one)) && !isOfCredential(one));
  };
}

/** Secrets are read once an object names them: before it is there, nobody knows whether its Secret is. Its status will tell. */
function isOfCredential({ path = [] }: Diagnostic): boolean {
  return path.some((part) => typeof part === "string" && part.toLowerCase().includes("credentialname"));
}

function isAbout({ about }: Diagnostic, { type, namespace, name }: Resource): boolean {
  return about?.type === type && about.namespace === namespace && about.name === name;
}
