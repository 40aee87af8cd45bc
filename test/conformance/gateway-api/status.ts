import { isDeepStrictEqual } from "node:util";
import type { StatusStep } from "./cases.ts";

// What the helpers of Gateway API's conformance suite look for in the status of objects.

export interface Name {
  readonly Namespace: string;
  readonly Name: string;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly observedGeneration?: number;
}

interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds?: readonly unknown[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

interface ParentRef {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

interface ParentStatus {
  readonly parentRef: ParentRef;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

/** An object as the API server has it. */
export interface Read {
  readonly metadata: { readonly generation: number };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly listeners?: readonly ListenerStatus[];
    readonly addresses?: readonly { readonly type?: string; readonly value: string }[];
    readonly attachedListenerSets?: number;
    readonly parents?: readonly ParentStatus[];
    readonly ancestors?: readonly (Omit<ParentStatus, "parentRef"> & { readonly ancestorRef: ParentRef })[];
  };
}

export interface Cluster {
  readonly controllerName: string;
  /** Undefined where there is no such object. */
  read(kind: string, name: Name): Promise<Read | undefined>;
}

/** What a step of the suite is given; which helper it is says what must hold. */
interface Args {
  readonly gw?: string;
  readonly gwRef?: string;
  readonly resource?: string;
  readonly gwNN?: Name;
  readonly gwName?: Name;
  readonly lsNN?: Name;
  readonly lsName?: Name;
  readonly lName?: string;
  readonly listenerNames?: readonly string[];
  readonly routeNN?: Name;
  readonly routeNNs?: readonly Name[];
  readonly routeName?: Name;
  readonly policyNN?: Name;
  readonly condition?: Condition;
  readonly expectedCondition?: Condition;
  readonly conditions?: readonly Condition[];
  readonly listeners?: readonly ListenerStatus[];
  readonly parents?: readonly ParentStatus[];
  readonly namespaceRequired?: boolean;
  readonly expectedCount?: number;
}

/** Undefined: it holds; else what is there instead. */
type Judge = (cluster: Cluster, args: Args) => Promise<string | undefined>;

/** By the name of the helper, without the kind that it is for. */
const judges: readonly (readonly [RegExp, Judge])[] = [
  [/^GatewayMustHaveLatestConditions$/, async (c, { gwNN }) => (await read(c, "Gateway", gwNN)) && undefined],
  [
    /^GatewayMustHaveCondition$/,
    async (c, { gwNN, expectedCondition }) =>
      has((await read(c, "Gateway", gwNN)).conditions, [expectedCondition as Condition]),
  ],
  [
    /^ListenerSetMustHaveCondition$/,
    async (c, { lsNN, expectedCondition }) =>
      has((await read(c, "ListenerSet", lsNN)).conditions, [expectedCondition as Condition]),
  ],
  [/^WaitForGatewayAddress$/, (c, { gwRef }) => addressed(c, nameOf(gwRef))],
  [
    /^GatewayMustHaveZeroRoutes$/,
    async (c, { gwName }) => {
      const busy = (await read(c, "Gateway", gwName)).listeners?.filter((l) => l.attachedRoutes !== 0) ?? [];
      return busy.length === 0 ? undefined : told(busy);
    },
  ],
  [
    /^GatewayMustHaveAttachedListeners$/,
    async (c, { gwName, expectedCount }) => {
      const { attachedListenerSets = 0 } = await read(c, "Gateway", gwName);
      return attachedListenerSets === expectedCount ? undefined : `attached: ${attachedListenerSets}`;
    },
  ],
  [
    /^(Gateway|ListenerSet)StatusMustHaveListeners$/,
    async (c, { gwNN, lsNN, listeners = [] }) =>
      listenersMatch(listeners, (await read(c, gwNN ? "Gateway" : "ListenerSet", gwNN ?? lsNN)).listeners ?? []),
  ],
  [
    /^(GatewayListener|ListenerSetListeners)MustHaveConditions$/,
    async (c, { gwName, lsName, lName, listenerNames, conditions = [] }) => {
      const all = (await read(c, gwName ? "Gateway" : "ListenerSet", gwName ?? lsName)).listeners ?? [];
      const wanted = listenerNames ?? [lName ?? ""];
      return first(wanted.map((name) => has(all.find((l) => l.name === name)?.conditions, conditions)));
    },
  ],
  [
    /^BackendTLSPolicyMustHaveCondition$/,
    async (c, { policyNN, gwNN, condition }) => {
      const { ancestors = [] } = await read(c, "BackendTLSPolicy", policyNN);
      const at = ancestors.filter((a) => isAt(a.ancestorRef, gwNN));
      return some(
        at.map((a) => a.conditions),
        condition,
      );
    },
  ],
  [/^GatewayAnd\w*RoutesMustBeAccepted$/, gatewayAndRoutes],
  [
    /^RoutesAndParentMustBeAccepted$/,
    async (c, { resource, routeNNs = [] }) =>
      first(await Promise.all(routeNNs.map((route) => acceptedAt(c, route, nameOf(resource))))),
  ],
  [
    /^\w+RouteMustHaveResolvedRefsConditionsTrue$/,
    (c, { routeNN, gwNN }) =>
      routeHas(c, routeNN, gwNN, { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs" }),
  ],
  [/^\w+RouteMustHaveCondition$/, (c, { routeNN, gwNN, condition }) => routeHas(c, routeNN, gwNN, condition)],
  [
    /^\w+RouteMustHaveNoAcceptedParents$/,
    async (c, { routeName }) => {
      const { parents = [] } = await readRoute(c, routeName);
      if (parents.length > 1) return told(parents);
      return first(parents.map((p) => has(p.conditions, [{ type: "Accepted", status: "False" }])));
    },
  ],
  [/^\w+RouteMustHaveParents$/, routeParents],
];

/** What is wrong with the status that a step of the suite looks at; undefined where it is as it wants. */
export async function judgeStatus(cluster: Cluster, { assert, args }: StatusStep): Promise<string | undefined> {
  const judge = judges.find(([name]) => name.test(assert))?.[1];
  if (judge === undefined) return `${assert} is not known`;
  try {
    return await judge(cluster, args as Args);
  } catch (error) {
    return (error as Error).message;
  }
}

/** The status of an object, all of whose conditions are of its generation. */
async function read(cluster: Cluster, kind: string, name: Name | undefined): Promise<Read["status"]> {
  const found = name && (await cluster.read(kind, name));
  if (found === undefined) throw new Error(`there is no ${kind} ${name?.Namespace}/${name?.Name}`);
  const { metadata, status } = found;
  const nested = [...(status.listeners ?? []), ...(status.parents ?? []), ...(status.ancestors ?? [])];
  const all = [...(status.conditions ?? []), ...nested.flatMap((n) => n.conditions)];
  const old = all.filter((c) => c.observedGeneration !== metadata.generation);
  if (old.length > 0) throw new Error(`not of generation ${metadata.generation}: ${told(old)}`);
  return status;
}

async function readRoute(cluster: Cluster, name: Name | undefined): Promise<Read["status"]> {
  for (const kind of ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"])
    if (name && (await cluster.read(kind, name)) !== undefined) return read(cluster, kind, name);
  throw new Error(`there is no route ${name?.Namespace}/${name?.Name}`);
}

async function addressed(cluster: Cluster, name: Name): Promise<string | undefined> {
  const { addresses = [] } = await read(cluster, "Gateway", name);
  const usable = addresses.filter((a) => (a.type === "IPAddress" || a.type === "Hostname") && a.value !== "");
  return usable.length > 0 ? undefined : `addresses: ${told(addresses)}`;
}

async function gatewayAndRoutes(cluster: Cluster, { gw, routeNNs = [] }: Args): Promise<string | undefined> {
  const gateway = nameOf(gw);
  const good = ["ResolvedRefs", "Accepted", "Programmed"].map((type) => ({ type, status: "True" }));
  const { listeners = [] } = await read(cluster, "Gateway", gateway);
  return first([
    await addressed(cluster, gateway),
    ...listeners.map((l) => has(l.conditions, good)),
    ...(await Promise.all(routeNNs.map((route) => acceptedAt(cluster, route, gateway)))),
  ]);
}

async function acceptedAt(cluster: Cluster, route: Name, parent: Name): Promise<string | undefined> {
  const { parents = [] } = await readRoute(cluster, route);
  const at = parents.filter((p) => isAt(p.parentRef, parent) && p.controllerName === cluster.controllerName);
  if (at.length === 0) return `parents: ${told(parents)}`;
  return first(at.map((p) => has(p.conditions, [{ type: "Accepted", status: "True", reason: "Accepted" }])));
}

async function routeHas(
  cluster: Cluster,
  route: Name | undefined,
  parent: Name | undefined,
  wanted: Condition | undefined,
): Promise<string | undefined> {
  const at = ((await readRoute(cluster, route)).parents ?? []).filter((p) => isAt(p.parentRef, parent));
  return some(
    at.map((p) => p.conditions),
    wanted,
  );
}

async function routeParents(cluster: Cluster, args: Args): Promise<string | undefined> {
  const { routeName, parents = [], namespaceRequired } = args;
  const actual = (await readRoute(cluster, routeName)).parents ?? [];
  if (actual.length !== parents.length) return told(actual);
  return first(
    parents.map((wanted, i) => {
      const { parentRef, controllerName, conditions } = actual[i] as ParentStatus;
      const { namespace, ...ref } = wanted.parentRef;
      const same =
        controllerName === cluster.controllerName &&
        isDeepStrictEqual({ group: parentRef.group, kind: parentRef.kind, name: parentRef.name }, ref) &&
        (parentRef.namespace === namespace || (!namespaceRequired && parentRef.namespace === undefined));
      return same ? has(conditions, wanted.conditions) : told(actual);
    }),
  );
}

function listenersMatch(wanted: readonly ListenerStatus[], actual: readonly ListenerStatus[]): string | undefined {
  if (actual.length !== wanted.length) return told(actual);
  return first(
    wanted.map((w) => {
      const found = actual.find((a) => a.name === w.name);
      if (found === undefined || found.attachedRoutes !== w.attachedRoutes) return told(actual);
      const kinds = found.supportedKinds ?? [];
      const all = (w.supportedKinds ?? []).every((kind) => kinds.some((k) => isDeepStrictEqual(k, kind)));
      if (!all || (w.supportedKinds?.length === 0 && kinds.length > 0)) return told(kinds);
      return has(found.conditions, w.conditions);
    }),
  );
}

function some(all: readonly (readonly Condition[])[], wanted: Condition | undefined): string | undefined {
  return all.some((one) => has(one, wanted ? [wanted] : []) === undefined) ? undefined : told(all);
}

/** An empty reason is any. */
function has(conditions: readonly Condition[] | undefined, wanted: readonly Condition[]): string | undefined {
  const missing = wanted.filter(
    ({ type, status, reason }) =>
      !conditions?.some((c) => c.type === type && c.status === status && (!reason || c.reason === reason)),
  );
  return missing.length === 0 ? undefined : `wanted ${told(missing)}, there is ${told(conditions)}`;
}

function isAt({ name, namespace }: ParentRef, wanted: Name | undefined): boolean {
  return name === wanted?.Name && (namespace === undefined || namespace === wanted.Namespace);
}

function nameOf(text = ""): Name {
  const [Namespace = "", Name = ""] = text.split("/");
  return { Namespace, Name };
}

function first(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}

function told(value: unknown): string {
  return JSON.stringify(value);
}
