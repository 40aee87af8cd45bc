import type { Discovery } from "../discovery/discovery.ts";
import type { Host } from "../host/host.ts";
import type { Door } from "../host/options.ts";
import type { Source } from "../model/change.ts";
import { gatewayNameLabel, managedLabel } from "../model/gateway-class.ts";
import { all, apply, empty, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";

/** A door to a port of a router that was made for a Gateway. */
export interface GatewayDoor extends Door {
  /** `namespace/name` of the Gateway. */
  readonly gateway: string;
  /** The listener's port. */
  readonly listener: number;
  /** `http://localhost:8080`; `localhost:9000` where it is neither HTTP nor HTTPS. */
  readonly address: string;
}

interface RouterService {
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly name?: string;
    readonly port: number;
    readonly targetPort?: number;
    readonly protocol?: string;
    readonly appProtocol?: string;
  }[];
}

/** A door to a port below 1024 is this much higher: everybody may open it. */
const lift = 8000;
/** From one Gateway to the next that wants the same port. */
const stride = 100;

/**
 * Doors to all routers of Gateways: at the listener's own port where it is free, else some hundreds higher. `before` keep theirs; `taken` are not
 * given away. UDP has no door: Pods and the machine itself reach it at the router's address.
 */
export function gatewayDoors(
  snapshot: Snapshot,
  taken: ReadonlySet<number>,
  before: readonly GatewayDoor[] = [],
): readonly GatewayDoor[] {
  const wanted = all(snapshot, types.Service)
    .filter((service) => service.labels[managedLabel] !== undefined)
    .flatMap((service) => {
      const { selector = {}, ports = [] } = service.spec as RouterService;
      const gateway = `${service.namespace}/${service.labels[gatewayNameLabel]}`;
      const open = ports.filter((p) => p.name !== "status-port" && p.protocol !== "UDP");
      return open.map(({ port, targetPort = port, appProtocol = "" }) => ({
        gateway,
        listener: port,
        scheme: /^https?$/.test(appProtocol) ? `${appProtocol}://` : "",
        to: { labels: selector, namespace: service.namespace, port: targetPort },
      }));
    });
  const known = new Map(before.map((door) => [`${door.gateway} ${door.listener}`, door.port]));
  const used = new Set([...taken, ...known.values()]);
  return wanted.map(({ scheme, ...door }) => {
    const port = known.get(`${door.gateway} ${door.listener}`) ?? free(door.listener, used);
    used.add(port);
    return { ...door, port, address: `${scheme}localhost:${port}` };
  });
}

function free(listener: number, used: ReadonlySet<number>): number {
  let port = listener < 1024 ? listener + lift : listener;
  while (used.has(port) && port + stride < 65_536) port += stride;
  return port;
}

/** The doors that sources ask for when they are read once: without root they must be open before the mesh is made. */
export async function firstDoors(
  sources: readonly Source[],
  taken: ReadonlySet<number>,
): Promise<readonly GatewayDoor[]> {
  let snapshot = empty;
  for (const source of sources) {
    await source.start(({ changes }) => {
      snapshot = apply(snapshot, changes);
    });
    await source.stop();
  }
  return gatewayDoors(snapshot, taken);
}

/** Opens a door for each router from now on; answers what tells them. */
export function followGateways(
  discovery: Discovery,
  host: Host,
  taken: ReadonlySet<number>,
): () => readonly GatewayDoor[] {
  let services: unknown;
  let doors: readonly GatewayDoor[] = [];
  discovery.onChange(() => {
    const now = discovery.snapshot.objects.get(types.Service);
    if (!discovery.synced || now === services) return;
    services = now;
    const next = gatewayDoors(discovery.snapshot, taken, doors);
    if (JSON.stringify(next) !== JSON.stringify(doors)) host.setDoors(next);
    doors = next;
  });
  return () => doors;
}
