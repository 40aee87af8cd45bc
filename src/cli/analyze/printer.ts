import type { Finding } from "../../analysis/finding.ts";
import { type IstioCode, isIstioCode, istioMessages, istioText, type Naming } from "../../analysis/messages.ts";
import { silencedIn } from "../../analysis/silence.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { at, type FieldPath, formatPath } from "../../model/origin.ts";
import { formatRef, kindOf, type Ref, type Resource } from "../../model/resource.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { namespaceIsWritten } from "./as-istioctl.ts";
import { documentOf } from "./istioctl-lines.ts";
import { isLive } from "./live.ts";
import type { Reported } from "./reported.ts";

/** The name under which an object's own faults are told: `schema.ValidationAnalyzer.VirtualService`. */
export function validationAnalyzer(kind: string): string {
  return `schema.ValidationAnalyzer.${kind}`;
}

/** Makes words of findings; knows the texts, as istioctl's references need them. */
export class Printer {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #snapshot: Snapshot;
  readonly #asIstioctl: boolean;

  /** `snapshot`: what was analysed, with what it silences. `asIstioctl`: references count lines as istioctl counts them. */
  constructor(texts: ReadonlyMap<string, string>, snapshot: Snapshot, asIstioctl: boolean) {
    this.#texts = texts;
    this.#snapshot = snapshot;
    this.#asIstioctl = asIstioctl;
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
      silenced: silencedIn(this.#snapshot, resource, resource),
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

  /** The line that istioctl names: the field's, else the first of the object's document. */
  #line(resource: Resource, path: FieldPath | undefined): number {
    const { file, line } = resource.origin;
    const { first, shift } = documentOf(this.#texts.get(file) ?? "", line);
    if (path === undefined || !exists(resource, path)) return first;
    return resource.origin.locate(path).line + (this.#asIstioctl ? shift : 0);
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

/** A namespace that was not written is none, as istioctl names objects of files. */
function writtenNaming(resource: Resource): Naming {
  const unwritten = resource.namespace === "default" && !namespaceIsWritten(resource);
  const namespace = (ref: Ref) => (unwritten && ref.namespace === resource.namespace ? "" : ref.namespace);
  return { namespace, name: (ref) => (namespace(ref) === "" ? ref.name : `${ref.namespace}/${ref.name}`) };
}

/** Where istioctl knows no default namespace, what a text says of one is about the object that has none. */
function isAbout(ref: Ref, { type, namespace, name }: Resource): boolean {
  return ref.type === type && ref.name === name && (ref.namespace === namespace || namespace === "");
}
