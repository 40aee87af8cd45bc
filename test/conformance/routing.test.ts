import { deepStrictEqual } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import type { ProxyConfig } from "../../src/xds/resource.ts";
import { configOf } from "../proxy/mesh.ts";
import { type Call, simulate, type Taken } from "./routing-simulation.ts";

// Istio's route simulations: a configuration, a proxy, calls, and what must take each of them, by Istio's names.

interface Simulation {
  readonly id: string;
  readonly test: string;
  readonly config: string;
  readonly kube: string | null;
  readonly proxy: { readonly type: "sidecar" | "router"; readonly namespace: string; readonly [key: string]: unknown };
  readonly needsContext: readonly string[];
  readonly calls: readonly {
    readonly name: string;
    readonly call: Call;
    readonly expect: Taken & { readonly strict?: boolean };
  }[];
}

const folder = resolve(import.meta.dirname, "../../../shared/conformance/routing");
const isHere = existsSync(resolve(folder, "cases.json"));
const cases = isHere
  ? (JSON.parse(readFileSync(resolve(folder, "cases.json"), "utf8")) as { cases: Simulation[] }).cases
  : [];

/** What is not simulated, and why. */
const left: Readonly<Record<string, string>> = {
  "sim-023": "the Service of a gateway is Kubernetes' here, not a ServiceEntry that lists the gateway's address",
  "sim-019": "an annotation by which Istio hands Gateway API's Gateways to itself",
  "sim-022": "an annotation by which Istio hands Gateway API's Gateways to itself",
};

/** The mesh's policies for what nobody knows, which one simulation does not say: a third of its calls have each. */
const outboundModes = ["REGISTRY_ONLY", "ALLOW_ANY", "ALLOW_ANY_DYNAMIC_DNS"];

/** Single calls that come out otherwise by design. */
const otherwise: Readonly<Record<string, Taken & { readonly why: string }>> = {
  "sim-044 tls_to_http": {
    error: undefined,
    cluster: "inbound|80||",
    why: "TLS of the application's own passes as it is",
  },
  "sim-044 https_to_http": { error: undefined, cluster: "inbound|80||", why: "TLS of the application's own passes" },
  ...Object.fromEntries(
    [81, 82, 83, 84].map((port) => [
      `sim-046 http-plaintext-${port} ALLOW_ANY_DYNAMIC_DNS`,
      {
        cluster: "PassthroughCluster",
        why: "a port without HTTP services is not looked at: bytes go where they were sent",
      },
    ]),
  ),
  "sim-016 https_alpha": { error: "no virtual host matched", virtualHost: undefined, why: "404 without a host" },
  "sim-016 https_beta": { error: "no virtual host matched", virtualHost: undefined, why: "404 without a host" },
};

/** A destination without a service is refused here by name, so each gets one; Istio's simulations do not look. */
function withServices(config: string): string {
  const docs = parseAllDocuments(config).map((doc) => doc.toJS() as Document | null);
  const known = new Set(docs.flatMap((d) => (d?.kind === "ServiceEntry" ? (d.spec["hosts"] as string[]) : [])));
  const wanted = new Map<string, string>();
  for (const doc of docs)
    for (const found of JSON.stringify(doc?.spec ?? {}).matchAll(
      /"destination":\{"host":"([^"]+)"|"service":\{"name":"([^"]+)"/g,
    )) {
      const host = found[1] ?? (found[2] as string);
      if (!known.has(host)) wanted.set(host, doc?.metadata.namespace ?? "default");
    }
  const services = [...wanted].map(([name, namespace]) => ({
    ...{ apiVersion: "v1", kind: "Service", metadata: { name, namespace } },
    spec: { selector: { app: name }, ports: [80, 9080].map((port) => ({ name: `http-${port}`, port })) },
  }));
  return services.map((service) => stringify(service)).join("---\n");
}

/** Hosts without an address get one, as from Istio's controller: all the same here. */
function withAddresses(config: string): string {
  const docs = parseAllDocuments(config).map((doc) => doc.toJS() as Document | null);
  const filled = docs.map((doc) => {
    if (doc?.kind !== "ServiceEntry" || doc.spec["addresses"] !== undefined || doc.spec["endpoints"] !== undefined)
      return doc;
    const addresses = (doc.spec["hosts"] as string[]).map((host) => ({ host, value: "240.240.91.120" }));
    return { ...doc, status: { addresses } };
  });
  return filled.map((doc) => stringify(doc)).join("---\n");
}

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** As Istio's simulations call things: hosts without the cluster's domain, one table a port. Names of filter chains are our own. */
function asIstio({ filterChain: _, ...taken }: Taken, kind: string): Taken {
  const { cluster, routeConfig } = taken;
  return {
    ...taken,
    ...(cluster === undefined ? {} : { cluster: cluster.replace(/\.svc\.cluster\.local$/, "") }),
    ...(routeConfig === undefined || kind === "router" ? {} : { routeConfig: routeConfig.split("|")[0] as string }),
  };
}

/** What the simulations leave out: an SNI means TLS, and the mesh's own TLS is known by its SNI. */
function asCalled(call: Call): Call {
  const spoken = { http: "http/1.1", http2: "h2", tcp: "" }[call.protocol ?? "tcp"];
  if (call.tls === "mtls") return { alpn: spoken, sni: `outbound_.${call.port}_._.foo.bar`, ...call };
  return call.sni !== undefined && call.tls === undefined ? { ...call, tls: "tls" } : call;
}

if (!isHere) {
  test("the conformance cases are here", () => {
    process.stdout.write("conformance/routing: no cases at ../shared/conformance, nothing was checked\n");
    expect(process.env["CI"]).not.toBe("true");
  });
}

describe.each(cases.filter((c) => left[c.id] === undefined))("$id $test", (one) => {
  const { type: kind, labels, ips, namespace } = one.proxy;
  const proxy = { kind, labels: labels ?? {}, ips, namespace, name: "app" };
  const modes = one.needsContext.includes("meshConfig") ? outboundModes : ["ALLOW_ANY"];
  const configs = modes.map((mode) =>
    configOf(
      withServices(`${one.kube ?? ""}\n---\n${one.config}`),
      ...[
        one.kube ?? "",
        withAddresses(one.config),
        stringify({ proxy, meshConfig: { outboundTrafficPolicy: { mode } } }),
      ],
    ),
  );
  test.each(one.calls.map((c, i) => [`${c.name} (${i})`, c, i] as const))(
    "%s",
    (_, { name, call, expect: wanted }, i) => {
      const turn = Math.floor((i * configs.length) / one.calls.length);
      const config = configs[turn] as ProxyConfig;
      const known = otherwise[configs.length === 1 ? `${one.id} ${name}` : `${one.id} ${name} ${modes[turn]}`];
      const { strict, why: _why, ...named } = { why: "", ...wanted, ...known };
      const taken = asIstio(simulate(config, kind, asCalled(call)), kind);
      const told = asIstio(named, kind);
      const compared = strict
        ? taken
        : Object.fromEntries(Object.keys(told).map((key) => [key, taken[key as keyof Taken]]));
      deepStrictEqual(compared, told, JSON.stringify(taken));
    },
  );
});
