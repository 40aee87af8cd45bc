import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { test } from "vitest";
import { credentialSet, credentialsKey } from "../../src/discovery/resources/credentials.ts";
import { proxyConfig, proxyKey } from "../../src/discovery/resources/proxy.ts";
import type { Proxy as MeshProxy } from "../../src/model/proxy.ts";
import { apply, empty } from "../../src/model/snapshot.ts";
import { Tracker } from "../../src/track/tracker.ts";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { Dice } from "./dice.ts";
import { edit, proxies } from "./random-mesh.ts";
import { faultsOf } from "./references.ts";

const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const editsEach = 520;
const sampledEvery = 12;

/** All that a proxy would be served but its own certificate. */
function served(tracker: Tracker, proxy: MeshProxy): ProxyConfig {
  const named = tracker.ask(credentialSet, credentialsKey(proxy) as string);
  return new Map([...tracker.ask(proxyConfig, proxyKey(proxy)), [TYPE.secret, named]]);
}

function plain(config: ProxyConfig) {
  return [...config].map(([type, { resources }]) => [
    type,
    [...resources.values()].map(({ name, version, origins }) => ({ name, version, origins })),
  ]);
}

function objectsOf(tracker: Tracker) {
  return [...tracker.snapshot.objects.values()].flatMap((byNamespace) => [...byNamespace.values()].flat());
}

test.each(seeds)("edits one by one come to what all at once come to, and lead nowhere wrong (seed %i)", (seed) => {
  const dice = new Dice(seed);
  const tracker = new Tracker(empty);
  let resources = 0;
  // As in discovery, edits that come together are one step.
  for (let edits = 0, step = 0; edits < editsEach; step++) {
    const changes = Array.from({ length: 1 + dice.number(4) }, () => edit(dice, objectsOf(tracker)));
    edits += changes.length;
    tracker.advance(apply(tracker.snapshot, changes));
    const all = proxies.map((proxy) => served(tracker, proxy));
    if (step % sampledEvery !== 0) continue;
    const fresh = new Tracker(tracker.snapshot);
    for (const [at, proxy] of proxies.entries()) {
      const config = all[at] as ProxyConfig;
      deepStrictEqual(plain(config), plain(served(fresh, proxy)), `${proxy.id} after edit ${edits}`);
      const secrets = new Set([
        "default",
        "ROOTCA",
        ...(config.get(TYPE.secret)?.resources.keys() ?? []),
        ...missingSecrets,
      ]);
      deepStrictEqual(faultsOf(config, secrets), [], `${proxy.id} after edit ${edits}`);
      for (const set of config.values()) resources += set.resources.size;
    }
  }
  ok(resources > 3000, `a mesh of some size: ${resources} resources looked at`);
  for (const proxy of proxies) {
    tracker.release(proxyConfig, proxyKey(proxy));
    tracker.release(credentialSet, credentialsKey(proxy) as string);
  }
  strictEqual(tracker.size, 0, "proxies that leave leave nothing behind");
});

/** A credential that no Secret holds is asked for all the same: the user may write it later. */
const missingSecrets = ["kubernetes://cred", "kubernetes://cred-cacert", "kubernetes-ca://SystemRoots//system"];
