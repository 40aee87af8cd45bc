import { parse } from "yaml";
import type { Failure, Manners } from "./mesh/wire.ts";

/** One file of the table. */
export interface Topic {
  readonly topic: string;
  readonly states: readonly State[];
}

/** What the mesh is given, and what must then be seen. */
export interface State {
  readonly state: string;
  readonly objects: readonly KubeObject[];
  readonly meshConfig?: object;
  /** Objects that the mesh must refuse: KIND/NAME, and what its reason must match. */
  readonly refused: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

export interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Steps are made one after the other, and must each come out as they say. */
export interface Case {
  readonly name: string;
  readonly eventually: boolean;
  readonly steps: readonly Step[];
}

export interface Step {
  /** Seconds before it. */
  readonly after?: number;
  readonly call: string;
  readonly from?: string;
  readonly via?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly size?: number;
  /** Of the request, over HTTP/1. */
  readonly trailers?: Readonly<Record<string, string>>;
  readonly do?: Manners;
  readonly times?: number;
  readonly parallel?: number;
  readonly keep?: boolean;
  readonly messages?: number;
  readonly sni?: string;
  readonly alpn?: readonly string[];
  readonly cert?: string;
  readonly timeout?: number;
  readonly expect: Expectation;
}

/** Text that must be equal, `true` for anything, `null` for nothing, `{matches: REGEXP}`. */
export type Wanted = string | number | boolean | null | { readonly matches: string };

export interface Expectation {
  readonly status?: number | readonly number[];
  readonly by?: string | readonly string[];
  readonly error?: Failure | readonly Failure[];
  readonly grpc?: number;
  readonly protocol?: string;
  readonly headers?: Readonly<Record<string, Wanted>>;
  readonly trailers?: Readonly<Record<string, Wanted>>;
  readonly body?: Wanted;
  readonly continued?: boolean;
  readonly messages?: number;
  readonly tls?: Readonly<Record<string, Wanted>>;
  readonly saw?: Readonly<Record<string, Wanted | Readonly<Record<string, Wanted>>>>;
  readonly seconds?: { readonly least?: number; readonly most?: number };
  readonly share?: Readonly<Record<string, number>>;
  readonly counts?: Readonly<Record<string, number | { readonly least?: number; readonly most?: number }>>;
  readonly got?: Readonly<Record<string, Got>>;
  readonly same?: "by";
}

/** Requests of the step that a workload got: how many, what share of the calls, and how they looked. */
export type Got =
  | number
  | {
      readonly times?: number;
      readonly least?: number;
      readonly most?: number;
      readonly share?: number;
      readonly saw?: NonNullable<Expectation["saw"]>;
    };

const expectationKeys = [
  ...[
    "status",
    "by",
    "error",
    "grpc",
    "protocol",
    "headers",
    "trailers",
    "body",
    "continued",
    "messages",
    "tls",
    "saw",
  ],
  ...["seconds", "share", "counts", "got", "same"],
];
const stepKeys = [
  ...[
    "after",
    "call",
    "from",
    "via",
    "headers",
    "body",
    "size",
    "trailers",
    "do",
    "times",
    "parallel",
    "keep",
    "messages",
    "sni",
  ],
  ...["alpn", "cert", "timeout", "expect"],
];
const doKeys = ["on", "times", "status", "grpc", "delay", "headers", "trailers", "body", "size", "reset"];
const sawKeys = [
  ...["workload", "port", "protocol", "peer", "method", "path", "host", "headers", "trailers", "bytes", "body"],
  ...["sni", "alpn", "client"],
];

/** Reads a file of the table. Throws where something is unknown or missing: a case that says nothing must not pass. */
export function readTopic(topic: string, text: string): Topic {
  const states = parse(text) as unknown;
  if (!Array.isArray(states) || states.length === 0) throw new Error(`${topic}: a list of states is expected`);
  return { topic, states: states.map((state, i) => stateOf(state, `${topic}[${i}]`)) };
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown, keys: readonly string[], where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${where}: is not a map`);
  for (const key of Object.keys(value))
    if (!keys.includes(key)) throw new Error(`${where}: "${key}" is unknown; there are ${keys.join(", ")}`);
  return value as Fields;
}

function need(value: unknown, type: "string", where: string): string {
  if (typeof value !== type || value === "") throw new Error(`${where}: is missing`);
  return value as string;
}

function stateOf(value: unknown, where: string): State {
  const found = fields(value, ["state", "objects", "meshConfig", "refused", "cases"], where);
  const state = need(found["state"], "string", `${where}.state`);
  const at = `${where} (${state})`;
  const refused = (found["refused"] ?? {}) as Record<string, string>;
  const cases = (found["cases"] ?? []) as unknown[];
  if (cases.length === 0 && Object.keys(refused).length === 0) throw new Error(`${at}: has no case`);
  const objects = (found["objects"] ?? []) as KubeObject[];
  for (const object of objects)
    need(object?.kind && object.metadata?.name, "string", `${at}: kind or metadata.name of an object`);
  for (const name of Object.keys(refused))
    if (!objects.some((o) => name === `${o.kind}/${o.metadata.name}`)) throw new Error(`${at}: no object ${name}`);
  const meshConfig = found["meshConfig"] as object | undefined;
  return { state, objects, ...(meshConfig ? { meshConfig } : {}), refused, cases: cases.map((c) => caseOf(c, at)) };
}

function caseOf(value: unknown, where: string): Case {
  const found = fields(value, ["name", "eventually", "steps", ...stepKeys], where);
  const name = need(found["name"], "string", `${where}: the name of a case`);
  const at = `${where}: ${name}`;
  const { name: _, eventually = false, steps, ...one } = found;
  if (steps !== undefined && Object.keys(one).length > 0) throw new Error(`${at}: has steps and a call of its own`);
  const all = steps === undefined ? [one] : (steps as unknown[]);
  if (!Array.isArray(all) || all.length === 0) throw new Error(`${at}: has no steps`);
  return { name, eventually: eventually === true, steps: all.map((s, i) => stepOf(s, `${at} [${i}]`)) };
}

function stepOf(value: unknown, where: string): Step {
  const found = fields(value, stepKeys, where);
  const call = need(found["call"], "string", `${where}.call`);
  if (!/^([A-Z]+ )?\w+:\/\//.test(call)) throw new Error(`${where}: "${call}" is no call; write GET http://HOST/PATH`);
  if (found["do"] !== undefined) fields(found["do"], doKeys, `${where}.do`);
  const expect = fields(found["expect"], expectationKeys, `${where}.expect`);
  if (Object.keys(expect).length === 0) throw new Error(`${where}: expects nothing`);
  if (expect["saw"] !== undefined) fields(expect["saw"], sawKeys, `${where}.expect.saw`);
  if (expect["seconds"] !== undefined) fields(expect["seconds"], ["least", "most"], `${where}.expect.seconds`);
  if (expect["tls"] !== undefined)
    fields(expect["tls"], ["name", "names", "protocol", "alpn", "trusted"], `${where}.expect.tls`);
  for (const [who, got] of Object.entries((expect["got"] ?? {}) as Fields))
    if (typeof got !== "number") fields(got, ["times", "least", "most", "share", "saw"], `${where}.expect.got.${who}`);
  return found as unknown as Step;
}
