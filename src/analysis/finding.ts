import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath } from "../model/origin.ts";
import type { Ref, Resource, Type } from "../model/resource.ts";
import type { Scope, Step } from "../track/scope.ts";
import { type KialiCode, kialiFindings } from "./kiali.ts";
import { type IstioCode, istioMessages, istioText, type MessageArg } from "./messages.ts";
import { type OwnCode, ownFindings } from "./own-findings.ts";

/** What an analyser finds: a diagnostic in Istio's words, or in ours where Istio has no code, with what is needed to print it as istioctl does. */
export interface Finding extends Diagnostic {
  readonly code: FindingCode;
  readonly also?: readonly KialiCode[];
  readonly about: Ref;
  /** What is put into Istio's words; none for a code of our own. */
  readonly args: readonly MessageArg[];
  /** The field whose line istioctl names; absent where it names the object's first line. */
  readonly line?: FieldPath;
}

export type FindingCode = IstioCode | OwnCode | KialiCode;

/** Where a finding is, and how to mend it. */
export interface Place {
  /** The field, for people. */
  readonly path?: FieldPath;
  /** The field whose line istioctl names, if it names one. */
  readonly line?: FieldPath;
  readonly fix?: string;
  /** Kiali's code for the same. */
  readonly also?: KialiCode | undefined;
}

/** A finding about an object. */
export function report(about: Ref, code: IstioCode, args: readonly MessageArg[], place: Place = {}): Finding {
  const { type, namespace, name } = about;
  const path = place.path ?? place.line;
  return {
    code,
    level: istioMessages[code].level,
    about: { type, namespace, name },
    message: istioText(code, args).replace(/\.$/, ""),
    args,
    ...(path === undefined ? {} : { path }),
    ...(place.line === undefined ? {} : { line: place.line }),
    ...(place.fix === undefined ? {} : { fix: place.fix }),
    ...alias(place.also),
  };
}

/** A finding that neither Istio nor Kiali has a code for, or that Kiali says less of. `message` is a sentence without a full stop. */
export function ownReport(about: Ref, code: OwnCode, message: string, path: FieldPath, also?: KialiCode): Finding {
  const { type, namespace, name } = about;
  const { level } = ownFindings[code];
  return { code, level, about: { type, namespace, name }, message, args: [], path, ...alias(also) };
}

/** A finding that Kiali has a code for and Istio none: Kiali's words, then what it is here. `detail` has no full stop. */
export function kialiReport(about: Ref, code: KialiCode, detail: string, path: FieldPath, fix?: string): Finding {
  const { type, namespace, name } = about;
  const { level, title } = kialiFindings[code];
  const message = `${title.replace(/\.$/, "")}: ${detail}`;
  return {
    code,
    level,
    about: { type, namespace, name },
    message,
    args: [],
    path,
    ...(fix === undefined ? {} : { fix }),
  };
}

function alias(also: KialiCode | undefined): Pick<Finding, "also"> {
  return also === undefined ? {} : { also: [also] };
}

export const nameField: FieldPath = ["metadata", "name"];

/** One of the checks that `weft analyze --list-analyzers` names. */
export interface Analyzer {
  /** istioctl's name of it: `virtualservice.DestinationHostAnalyzer`. */
  readonly name: string;
  readonly description: string;
  /** The types that it reads. */
  readonly inputs: readonly Type[];
  /** All that it may tell. */
  readonly codes: readonly FindingCode[];
  /** Kiali's codes for some of that. */
  readonly also?: readonly KialiCode[];
  /** Runs only where it is named. */
  readonly optional?: boolean;
  /** Its findings. Key: none. */
  readonly step: Step<readonly Finding[]>;
}

/** A step that looks at each object of a type by itself: an edit of one runs it for that one, and gathers anew what its namespace's others said. */
export function forEach<S>(
  name: string,
  type: Type,
  run: (scope: Scope, resource: Resource<S>) => readonly Finding[],
): Step<readonly Finding[]> {
  const one: Step<readonly Finding[]> = {
    name: `analysis/${name}/one`,
    run: (scope, key) => {
      const slash = key.indexOf("/");
      const found = scope.get<S>({ type, namespace: key.slice(0, slash), name: key.slice(slash + 1) });
      return found === undefined ? [] : run(scope, found);
    },
  };
  const together: Step<readonly Finding[]> = {
    name: `analysis/${name}/namespace`,
    run: (scope, ns) => scope.list(type, ns).flatMap((r) => scope.ask(one, `${ns}/${r.name}`)),
  };
  return {
    name: `analysis/${name}`,
    run: (scope) => scope.namespaces(type).flatMap((ns) => scope.ask(together, ns)),
  };
}

/** A step that looks at the mesh as a whole. */
export function forAll(name: string, run: (scope: Scope) => readonly Finding[]): Step<readonly Finding[]> {
  return { name: `analysis/${name}`, run };
}
