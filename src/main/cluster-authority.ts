import type { Authority } from "../ca/authority.ts";
import { followOrders } from "../ca/orders.ts";
import type { SvidStore } from "../ca/svid-store.ts";
import { keepAuthority } from "../ca/upkeep.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { caSecret } from "../operate/ca-secret.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";

/** Between two looks at the Secret of the authority. */
const everyMs = 5000;

export interface ClusterAuthorityOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly authority: Authority;
  readonly store: SvidStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Keeps the authority right, and does what `weft certs` orders by its Secret. The answer ends it. */
export function keepClusterAuthority({ client, namespace, store, ...world }: ClusterAuthorityOptions): () => void {
  const home = caSecret(client, namespace);
  const ends = [
    keepAuthority({ ...world, everyMs, onSettled: store.retry }),
    followOrders({ ...world, home, reissue: store.renewAll, everyMs }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
