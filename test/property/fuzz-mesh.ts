import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fieldsOf } from "../../scripts/ledger/fields.ts";
import { analyze } from "../../src/analysis/analyze.ts";
import { judge } from "../../src/analysis/judge.ts";
import { credentialSet, credentialsKey } from "../../src/discovery/resources/credentials.ts";
import { proxyConfig, proxyKey } from "../../src/discovery/resources/proxy.ts";
import { crdTypes } from "../../src/gen/crds.ts";
import type { Proxy } from "../../src/model/proxy.ts";
import { formatRef, type Resource } from "../../src/model/resource.ts";
import { types } from "../../src/model/types.ts";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { resources, trackerOf } from "../cluster/mesh.ts";
import { occurring, without } from "../ledger/without.ts";
import { proxyOf } from "../proxy/mesh.ts";
import { Dice } from "./dice.ts";
import { faultsOf } from "./references.ts";
import { randomObject } from "./schema-objects.ts";

/** Kinds that users write about traffic. */
const kinds = [
  ...crdTypes().filter((type) => /\.(istio\.io|gateway\.networking\.k8s\.io|weft\.dev)$/.test(type)),
  "Ingress.networking.k8s.io",
];
/** Most of a mesh is of these. */
const often = ["VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "Sidecar"].map(
  (kind) => `${kind}.networking.istio.io`,
);

const base = resources(readFileSync(join(import.meta.dirname, "testdata/fuzz-mesh.yaml"), "utf8"), "fuzz-mesh.yaml");

/** A few objects of random kinds. */
export function randomObjects(seed: number): readonly Resource[] {
  const dice = new Dice(seed);
  const many = 4 + dice.number(8);
  const made = Array.from({ length: many }, () => randomObject(dice, dice.one(dice.number(2) === 0 ? often : kinds)));
  return [
    ...new Map(made.flatMap((object) => (object === undefined ? [] : [[formatRef(object), object] as const]))).values(),
  ];
}

export const proxies: readonly Proxy[] = [
  proxyOf({
    namespace: "a",
    name: "cart-1",
    labels: { app: "cart", version: "v1" },
    ips: ["10.0.0.1"],
    serviceAccount: "cart",
    locality: { region: "r", zone: "z", subzone: "s" },
  }),
  proxyOf({
    namespace: "b",
    name: "pay-2",
    labels: { app: "pay", version: "v1" },
    ips: ["10.0.0.3"],
    serviceAccount: "pay",
  }),
  proxyOf({
    kind: "router",
    namespace: "istio-system",
    name: "gateway",
    labels: { istio: "ingressgateway" },
    ips: ["10.0.0.5"],
  }),
];

/** What each proxy gets of a mesh with these objects. */
export function served(objects: readonly Resource[]): readonly ProxyConfig[] {
  const tracker = trackerOf([...base, ...objects]);
  return proxies.map(
    (proxy) =>
      new Map([
        ...tracker.ask(proxyConfig, proxyKey(proxy)),
        [TYPE.secret, tracker.ask(credentialSet, credentialsKey(proxy) as string)],
      ]),
  );
}

/** Without EnvoyFilters: what a random patch puts into a resource is nobody's promise. */
export function withoutPatches(objects: readonly Resource[]): readonly Resource[] {
  return objects.filter((object) => object.type !== types.EnvoyFilter);
}

/** What goes wrong with objects that are valid: a throw, or a reference that leads nowhere; undefined where all is well. */
export function wrongWith(objects: readonly Resource[]): string | undefined {
  try {
    for (const object of objects) judge(object);
    analyze(trackerOf([...base, ...objects]));
    served(objects);
    return served(withoutPatches(objects)).flatMap((config) => faultsOf(config, anySecret))[0];
  } catch (error) {
    return String((error as Error).stack);
  }
}

/** A credential that no Secret holds is asked for all the same: the user may write it later. */
const anySecret = { has: () => true } as unknown as ReadonlySet<string>;

/** The fewest objects with the fewest fields of which the same is wrong. `isWrong` may look again at most `tries` times. */
export async function smallest(
  objects: readonly Resource[],
  isWrong: (objects: readonly Resource[]) => Promise<boolean> | boolean,
  tries = 2000,
): Promise<readonly Resource[]> {
  let left = objects;
  let asked = 0;
  const attempt = async (fewer: readonly Resource[]) => {
    if (++asked > tries || !(await isWrong(fewer))) return false;
    left = fewer;
    return true;
  };
  for (const object of objects) await attempt(left.filter((each) => each !== object));
  for (let goesOn = true; goesOn; ) {
    goesOn = false;
    for (const object of left) {
      const known = new Set(fieldsOf(object.type).map((field) => field.path));
      let current = object;
      for (const path of occurring([object], known)) {
        const fewer = without(current, path);
        if (fewer === current || judge(fewer).some((d) => d.level === "Error")) continue;
        const before = current;
        if (await attempt(left.map((each) => (each === before ? fewer : each)))) {
          current = fewer;
          goesOn = true;
        }
      }
    }
  }
  return left;
}

/** Objects as one would write them. */
export function written(objects: readonly Resource[]): string {
  return objects
    .map(({ apiVersion, type, namespace, name, spec }) =>
      JSON.stringify({ apiVersion, kind: type.split(".")[0], metadata: { name, namespace }, spec }),
    )
    .join("\n---\n");
}
