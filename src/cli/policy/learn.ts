import type { Access, AccessItem } from "../../api/contract/access.ts";

/** A policy made of what was seen of one workload, and how far that reaches. */
export interface Learned {
  readonly namespace: string;
  readonly name: string;
  /** Labels that choose the workload. */
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly LearnedRule[];
  /** `shop/cart-v1`: those that these labels chose. */
  readonly workloads: readonly string[];
  /** When the first of its requests was told, in milliseconds since the epoch. */
  readonly since: number;
  /** Requests and connections that the policy allows. */
  readonly seen: number;
  /** Those without a verified caller: no rule of this policy lets them in. */
  readonly nobody: readonly AccessItem[];
  /** Answers that say that there is nothing: these paths are left out. */
  readonly nothing: number;
  /** Refused requests, which no policy should allow. */
  readonly refused: number;
}

export interface LearnedRule {
  /** As policies write them: `cluster.local/ns/shop/sa/cart`. */
  readonly principals: readonly string[];
  readonly operations: readonly LearnedOperation[];
}

export interface LearnedOperation {
  readonly port: number;
  /** Empty: any, or TCP. */
  readonly methods: readonly string[];
  readonly paths: readonly string[];
}

/** Answers of a server to what it does not have. */
const nothingThere: ReadonlySet<number> = new Set([404, 405, 410]);

/** Least privilege by what was observed: a policy for each workload that was called, by the labels that choose it. Pure. */
export function learn({ entries }: Pick<Access, "entries">): readonly Learned[] {
  const called = entries.filter(({ what }) => what === "call" || what === "plaintext" || what === "denied");
  const groups = Map.groupBy(called, ({ destination: { namespace, labels } }) =>
    JSON.stringify([namespace, Object.entries(labels).sort()]),
  );
  return [...groups.values()]
    .map(learnOne)
    .sort((a, b) => compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`));
}

function learnOne(entries: readonly AccessItem[]): Learned {
  const { destination } = entries[0] as AccessItem;
  const calls = entries.filter(({ what }) => what === "call");
  const there = calls.filter(({ code }) => code === undefined || !nothingThere.has(code));
  const known = there.filter(({ source }) => source.identity !== undefined);
  return {
    namespace: destination.namespace,
    name: `learned-${destination.labels["app"] ?? destination.workload}`,
    labels: destination.labels,
    rules: rulesOf(known),
    workloads: [...new Set(entries.map(({ destination: d }) => `${d.namespace}/${d.workload}`))].sort(),
    since: calls.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
    seen: count(known),
    nobody: entries.filter(({ what, source }) => what === "plaintext" && source.identity === undefined),
    nothing: count(calls) - count(there),
    refused: count(entries.filter(({ what }) => what === "denied")),
  };
}

/** Callers that did the same share a rule. */
function rulesOf(calls: readonly AccessItem[]): readonly LearnedRule[] {
  const callers = [...Map.groupBy(calls, ({ source }) => principalOf(source.identity ?? ""))].map(
    ([principal, theirs]) => ({ principal, operations: operationsOf(theirs) }),
  );
  return [...Map.groupBy(callers, ({ operations }) => JSON.stringify(operations)).values()]
    .map((alike) => ({
      principals: alike.map(({ principal }) => principal).sort(),
      operations: alike[0]?.operations ?? [],
    }))
    .sort((a, b) => compare(a.principals[0] ?? "", b.principals[0] ?? ""));
}

/** Paths that were asked with the same methods at the same port stand together. */
function operationsOf(calls: readonly AccessItem[]): readonly LearnedOperation[] {
  const paths = [...Map.groupBy(calls, ({ port, path }) => JSON.stringify([port, path ?? ""])).values()].map(
    (alike) => {
      const { port, path } = alike[0] as AccessItem;
      // A method without a name stands for any.
      const methods = alike.every(({ method }) => method !== undefined)
        ? alike.map(({ method }) => method as string)
        : [];
      return { port, path, methods: [...new Set(methods)].sort() };
    },
  );
  return [
    ...Map.groupBy(paths, ({ port, methods, path }) => JSON.stringify([port, path === undefined, methods])).values(),
  ]
    .map((alike) => ({
      port: alike[0]?.port ?? 0,
      methods: alike[0]?.methods ?? [],
      paths: alike.flatMap(({ path }) => path ?? []).sort(),
    }))
    .sort((a, b) => a.port - b.port || compare(JSON.stringify(a), JSON.stringify(b)));
}

function principalOf(identity: string): string {
  return identity.replace(/^spiffe:\/\//, "");
}

function count(entries: readonly AccessItem[]): number {
  return entries.reduce((sum, entry) => sum + entry.count, 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Would-be denials that a learned policy would really make: dry-run entries that none of its rules covers. What a policy of before refused and this
 * one allows is no reason to wait.
 */
export function stillDenied(learned: readonly Learned[], { entries }: Pick<Access, "entries">): readonly AccessItem[] {
  const dry = entries.filter(({ what }) => what === "dry-run");
  return dry.filter((entry) => {
    const policy = learned.find(
      ({ namespace, labels }) =>
        namespace === entry.destination.namespace &&
        JSON.stringify(labels) === JSON.stringify(entry.destination.labels),
    );
    return policy !== undefined && !policy.rules.some((rule) => covers(rule, entry));
  });
}

function covers({ principals, operations }: LearnedRule, { source, port, method, path }: AccessItem): boolean {
  if (source.identity === undefined || !principals.includes(principalOf(source.identity))) return false;
  return operations.some(
    (o) =>
      o.port === port &&
      (o.methods.length === 0 || (method !== undefined && o.methods.includes(method))) &&
      (path === undefined || o.paths.includes(path)),
  );
}
