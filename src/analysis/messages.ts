import type { Level } from "../model/diagnostic.ts";
import type { Ref } from "../model/resource.ts";
import istio from "./istio-codes.json" with { type: "json" };

/** A code that Istio's analysers use. */
export type IstioCode = keyof typeof istio;

/** Istio's own words for a code. Source: istio/istio 86c9f01f, pkg/config/analysis/msg/messages.yaml (Apache-2.0). */
export interface IstioMessage {
  /** `ReferencedResourceNotFound`. */
  readonly name: string;
  readonly level: Level;
  /** With Go's verbs: `Referenced %s not found: %q`. */
  readonly template: string;
  readonly description: string;
}

/** All of Istio's codes, whether an analyser here tells them or not. */
export const istioMessages = istio as Readonly<Record<IstioCode, IstioMessage>>;

/** Whether a code is one of Istio's. */
export function isIstioCode(code: string): code is IstioCode {
  return Object.hasOwn(istioMessages, code);
}

/** A part of a message. An object's name and its namespace are kept apart from text: whoever prints them decides how they are written. */
export type MessageArg =
  | string
  | number
  | readonly MessageArg[]
  | { readonly nameOf: Ref }
  | { readonly namespaceOf: Ref }
  | { readonly joined: readonly MessageArg[]; readonly by: string };

/** How an object's name is written in a message. */
export interface Naming {
  readonly name: (ref: Ref) => string;
  readonly namespace: (ref: Ref) => string;
}

/** `default/reviews`. */
export const fullNaming: Naming = {
  name: (ref) => (ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`),
  namespace: (ref) => ref.namespace,
};

/** The message of a code as Istio words it. */
export function istioText(code: IstioCode, args: readonly MessageArg[], naming: Naming = fullNaming): string {
  let next = 0;
  return istioMessages[code].template.replace(/%([svqd%])/g, (_, verb: string) => {
    if (verb === "%") return "%";
    const text = write(args[next++] ?? "", naming);
    return verb === "q" ? JSON.stringify(text) : text;
  });
}

/** As Go's `%v` writes it: a list is `[a b]`. */
function write(arg: MessageArg, naming: Naming): string {
  if (typeof arg === "string" || typeof arg === "number") return String(arg);
  if ("nameOf" in arg) return naming.name(arg.nameOf);
  if ("namespaceOf" in arg) return naming.namespace(arg.namespaceOf);
  if ("joined" in arg) return arg.joined.map((a) => write(a, naming)).join(arg.by);
  return `[${arg.map((a) => write(a, naming)).join(" ")}]`;
}
