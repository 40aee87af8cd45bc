import type { Authority, Svid } from "../ca/authority.ts";
import { workloadSecrets } from "../ca/secret.ts";
import { createSvidStore, type SvidStore } from "../ca/svid-store.ts";
import type { Trust } from "../ca/trust.ts";
import type { Secrets } from "../discovery/discovery.ts";
import type { MeshConfigSpec } from "../gen/istio/mesh-config.ts";
import { spiffeId } from "../model/identity.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { ResourceSet } from "../xds/resource.ts";
import { proxyTrust } from "./proxy-trust.ts";

/** The certificate authority as discovery sees it: secrets by identity, made at the first call and renewed in time; new roots come with the same certificate. */
export function secretsOf(options: {
  authority: Authority;
  clock: Clock;
  random: Random;
  log: Log;
  /** MeshConfig as it is now: it may name more roots. */
  settings?: () => MeshConfigSpec | undefined;
}): Secrets & { readonly store: SvidStore } {
  const { authority, log, settings = () => undefined } = options;
  const trustOf = proxyTrust(authority, settings, log);
  const sets = new Map<string, { readonly svid: Svid; readonly trust: Trust; readonly set: ResourceSet }>();
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const store = createSvidStore({ ...options, onRenewed: changed });
  authority.onChange(() => {
    store.retry();
    changed();
  });
  return {
    store,
    onChange: (listener) => listeners.push(listener),
    release(identity) {
      store.release(identity);
      sets.delete(spiffeId(identity));
    },
    of(identity) {
      const svid = store.peek(identity);
      if (svid === undefined) {
        store
          .get(identity)
          .then(changed, (error: Error) =>
            log.error("certificate not issued", { identity: spiffeId(identity), error: error.message }),
          );
        return undefined;
      }
      const trust = trustOf();
      // An empty bundle would let everybody in, or nobody.
      if (trust.roots.length === 0) return undefined;
      const known = sets.get(spiffeId(identity));
      if (known?.svid === svid && known.trust === trust) return known.set;
      const set = { resources: new Map(workloadSecrets(svid, trust).map((secret) => [secret.name, secret])) };
      sets.set(spiffeId(identity), { svid, trust, set });
      return set;
    },
  };
}
