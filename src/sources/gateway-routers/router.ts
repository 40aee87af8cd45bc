import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { customised, scaling } from "./customise.ts";
import { type RoutedGateway, type RoutedListener, type RouterObjects, routerObjects } from "./objects.ts";

/** What a router is made of, read from the mesh. */
export interface RouterWorld {
  all<S>(type: string): readonly Resource<S>[];
  get(ref: Ref): Resource | undefined;
  /** Whether routers may listen below 1024. */
  readonly lowPorts: boolean;
  /** Whether something here scales them: otherwise wishes for that have no effect. */
  readonly scales: boolean;
}

export interface Router {
  readonly objects: RouterObjects;
  /** What is wrong with wishes for it. */
  readonly diagnostics: readonly Diagnostic[];
}

const classDefaults = "gateway.istio.io/defaults-for-class";
const listenerSetType = "ListenerSet.gateway.networking.k8s.io";

/** The router of a Gateway, as it and those ConfigMaps wish it that it or its class names. */
export function routerOf(world: RouterWorld, gateway: Resource<RoutedGateway>): Router {
  const sets = world.all<ListenerSetSpec>(listenerSetType).filter(({ namespace, spec }) => {
    const { parentRef } = spec;
    return parentRef.name === gateway.name && (parentRef.namespace ?? namespace) === gateway.namespace;
  });
  const listeners = [...(gateway.spec.listeners ?? []), ...sets.flatMap(({ spec }) => spec.listeners ?? [])];
  const diagnostics: Diagnostic[] = [];
  const made = routerObjects(gateway, listeners, world.lowPorts);
  const plain = world.scales ? { ...made, deployment: unscaled(made.deployment) } : made;
  const objects = wishesFor(world, gateway, diagnostics).reduce((before, { map, path }) => {
    try {
      return customised(before, map, world.scales);
    } catch (error) {
      diagnostics.push(finding(gateway, path, `its ConfigMap cannot be used: ${(error as Error).message}`));
      return before;
    }
  }, plain);
  return { objects, diagnostics };
}

/** How many replicas there are is whoever's who scales them. */
function unscaled(deployment: Resource): Resource {
  const { replicas: _own, ...spec } = deployment.spec as Readonly<Record<string, unknown>>;
  return { ...deployment, spec };
}

interface Wish {
  readonly map: Readonly<Record<string, string>>;
  readonly path: FieldPath;
}

/** ConfigMaps that say how a router shall be: the class's, then the Gateway's own. */
function wishesFor(world: RouterWorld, gateway: Resource<RoutedGateway>, diagnostics: Diagnostic[]): readonly Wish[] {
  const { gatewayClassName, infrastructure } = gateway.spec;
  const ofClass = world
    .all(types.ConfigMap)
    .filter((map) => map.labels[classDefaults] === gatewayClassName)
    .map((map) => ({ map: dataOf(map), path: ["spec", "gatewayClassName"] }));
  const named = infrastructure?.parametersRef;
  if (named === undefined) return ofClass;
  const path = ["spec", "infrastructure", "parametersRef"];
  const map = world.get({ type: types.ConfigMap, namespace: gateway.namespace, name: named.name });
  if (named.group !== "" || named.kind !== "ConfigMap" || map === undefined) {
    diagnostics.push(finding(gateway, path, `there is no ConfigMap ${gateway.namespace}/${named.name} as it names it`));
    return ofClass;
  }
  const idle = world.scales ? [] : scaling.filter((key) => dataOf(map)[key] !== undefined);
  for (const key of idle)
    diagnostics.push({
      ...finding(gateway, path, `${key} of its ConfigMap has no effect on this machine`),
      level: "Warning",
      code: codes.noEffect,
    });
  return [...ofClass, { map: dataOf(map), path }];
}

interface ListenerSetSpec {
  readonly parentRef: { readonly name: string; readonly namespace?: string };
  readonly listeners?: readonly RoutedListener[];
}

function dataOf(map: Resource): Readonly<Record<string, string>> {
  return (map.data?.["data"] ?? {}) as Readonly<Record<string, string>>;
}

function finding(about: Resource, path: FieldPath, message: string): Diagnostic {
  const { type, namespace, name, origin } = about;
  return {
    ...{ code: "WEFT0707", level: "Error", about: { type, namespace, name }, path },
    ...{ position: origin.locate(path), message, fix: "its router runs as if nothing were said there" },
  };
}
