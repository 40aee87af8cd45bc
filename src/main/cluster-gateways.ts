import type { Discovery } from "../discovery/discovery.ts";
import type { Resource } from "../model/resource.ts";
import { all, get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { WantedRouter, WantedRouters } from "../operate/gateways/controller.ts";
import { type ManagedGateway, managedGateways } from "../operate/gateways/managed.ts";
import { manifest } from "../operate/gateways/manifest.ts";
import { isShared, type LeadersShare, revisionLabel } from "../operate/revision.ts";
import type { RoutedGateway } from "../sources/gateway-routers/objects.ts";
import { type RouterWorld, routerOf } from "../sources/gateway-routers/router.ts";

/** Routers of the mesh's Gateways of a leader's share, as objects of the cluster; undefined until the mesh is known whole. */
export function wantedRouters(discovery: Discovery, share: LeadersShare): () => WantedRouters | undefined {
  return () => {
    if (!discovery.synced || !discovery.current) return undefined;
    const { snapshot } = discovery;
    const own = all(snapshot, types.KubernetesGateway).filter(({ labels }) => isShared(share, labels));
    const known = new Set(own.map(({ namespace, name }) => `${namespace}/${name}`));
    const routers = discovery.tracker.ask(managedGateways, "").flatMap((managed): readonly WantedRouter[] => {
      const { namespace, name } = managed;
      const gateway = get(snapshot, { type: types.KubernetesGateway, namespace, name }) as
        | Resource<RoutedGateway>
        | undefined;
      if (gateway === undefined || !known.has(`${namespace}/${name}`)) return [];
      const { objects } = routerOf(world(snapshot, managed), gateway);
      const parts = [objects.serviceAccount, objects.service, objects.deployment];
      const more = [objects.horizontalPodAutoscaler ?? [], objects.podDisruptionBudget ?? []].flat();
      return [{ gateway, objects: [...parts, ...more].map((part) => manifest(part, gateway.labels[revisionLabel])) }];
    });
    return { routers, known };
  };
}

/** The mesh as a router's Gateway sees it. */
function world(snapshot: Snapshot, { sets }: ManagedGateway): RouterWorld {
  return {
    ...{ lowPorts: true, scales: true },
    all<S>(type: string) {
      const found = all(snapshot, type) as Resource<S>[];
      return type === types.ListenerSet ? found.filter((s) => sets.includes(`${s.namespace}/${s.name}`)) : found;
    },
    get: (ref) => get(snapshot, ref),
  };
}
