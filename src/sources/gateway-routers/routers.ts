import { isDeepStrictEqual } from "node:util";
import type { Change } from "../../model/change.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { isManaged, isOwnClass } from "../../model/gateway-class.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { deepFreeze } from "../../std/plain.ts";
import type { VirtualAddresses } from "../virtual-addresses.ts";
import type { RoutedGateway } from "./objects.ts";
import { type RouterWorld, routerOf } from "./router.ts";

const gatewayType = "Gateway.gateway.networking.k8s.io";
const classType = "GatewayClass.gateway.networking.k8s.io";
const listenerSetType = "ListenerSet.gateway.networking.k8s.io";

/** Types that routers depend on. */
const read: ReadonlySet<string> = new Set([gatewayType, classType, listenerSetType, types.ConfigMap]);
/** Types that routers are made of: an object of the user's of the same name wins. */
const written: ReadonlySet<string> = new Set([types.Deployment, types.Service, types.ServiceAccount]);

export interface GatewayRouterOptions {
  /** Whether routers may listen below 1024. */
  readonly lowPorts: boolean;
}

/** Does to Gateways of Gateway API what Istio's controller does on a cluster: a Deployment, a Service and a ServiceAccount for each. */
export class GatewayRouters {
  readonly #addresses: VirtualAddresses;
  readonly #lowPorts: boolean;
  readonly #seen = new Map<string, Resource>();
  readonly #users = new Set<string>();
  #made: ReadonlyMap<string, Resource> = new Map();
  #diagnostics: readonly Diagnostic[] = [];

  constructor(addresses: VirtualAddresses, { lowPorts }: GatewayRouterOptions) {
    this.#addresses = addresses;
    this.#lowPorts = lowPorts;
  }

  /** What is wrong with wishes for routers. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** What changes of routers follow from changes of the user's objects; they come after those. */
  follow(changes: readonly Change[]): readonly Change[] {
    const concern = changes.filter((change) => this.#note(change));
    if (concern.length === 0) return [];
    const diagnostics: Diagnostic[] = [];
    const wanted = new Map<string, Resource>();
    const world: RouterWorld = {
      ...{ lowPorts: this.#lowPorts, scales: false },
      all: (type) => this.#all(type),
      get: (ref) => this.#seen.get(keyOf(ref)),
    };
    for (const gateway of this.#all<RoutedGateway>(gatewayType)) {
      if (!this.#isOwn(gateway) || !isManaged(gateway.spec.addresses)) continue;
      const router = routerOf(world, gateway);
      diagnostics.push(...router.diagnostics);
      for (const made of Object.values(router.objects) as Resource[])
        if (!this.#users.has(keyOf(made))) wanted.set(keyOf(made), made);
    }
    this.#diagnostics = diagnostics;
    return this.#settle(wanted);
  }

  /** Whether a change may concern routers. */
  #note(change: Change): boolean {
    const ref = "put" in change ? change.put : change.remove;
    const key = keyOf(ref);
    if (written.has(ref.type)) {
      const known = this.#users.has(key);
      if ("put" in change) this.#users.add(key);
      else this.#users.delete(key);
      return known !== this.#users.has(key);
    }
    if (!read.has(ref.type)) return false;
    if ("put" in change) this.#seen.set(key, change.put);
    else this.#seen.delete(key);
    return true;
  }

  #all<S>(type: string): readonly Resource<S>[] {
    return [...this.#seen.values()].filter((r): r is Resource<S> => r.type === type);
  }

  #isOwn({ spec }: Resource<RoutedGateway>): boolean {
    const found = this.#seen.get(keyOf({ type: classType, namespace: "", name: spec.gatewayClassName }));
    return isOwnClass(spec.gatewayClassName, (found?.spec as { controllerName?: string } | undefined)?.controllerName);
  }

  /** What differs from what was told before. An object that the user brings now replaces ours by itself. */
  #settle(wanted: ReadonlyMap<string, Resource>): readonly Change[] {
    const changes: Change[] = [];
    for (const [key, before] of this.#made) {
      if (wanted.has(key)) continue;
      this.#addresses.release(before);
      const { type, namespace, name } = before;
      if (!this.#users.has(key)) changes.push({ remove: { type, namespace, name } });
    }
    const next = new Map<string, Resource>();
    for (const [key, resource] of wanted) {
      const before = this.#made.get(key);
      const put = deepFreeze(this.#addresses.assign(resource));
      const same =
        before !== undefined && isDeepStrictEqual(content(before), content(put)) && before.origin === put.origin;
      next.set(key, same ? before : { ...put, generation: (before?.generation ?? 0) + 1 });
      if (!same) changes.push({ put: next.get(key) as Resource });
    }
    this.#made = next;
    return changes;
  }
}

function content({ spec, labels, annotations }: Resource): unknown {
  return { spec, labels, annotations };
}

function keyOf({ type, namespace, name }: Ref): string {
  return `${type}/${namespace}/${name}`;
}
