import { X509Certificate } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { SecretSchema } from "../../src/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import type { DeltaDiscoveryResponse } from "../../src/gen/envoy/service/discovery/v3/discovery_pb.js";
import { memoryCounters } from "../../src/limits/memory.ts";
import { authenticator } from "../../src/main/authentication.ts";
import { type ControlPlane, createControlPlane } from "../../src/main/control-plane.ts";
import { secretsOf } from "../../src/main/secrets.ts";
import type { Source } from "../../src/model/change.ts";
import { parseText } from "../../src/sources/text/text.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { type DeltaClient, openDelta } from "../e2e/delta-client.ts";
import { authorityOf, log, newFiles, random, ShiftedClock, trustDomain } from "./ca-bed.ts";

const pod = (namespace: string, name: string, serviceAccount: string, labels: string) => `
---
{apiVersion: v1, kind: Pod, metadata: {namespace: ${namespace}, name: ${name}, labels: {${labels}}}, spec: {serviceAccountName: ${serviceAccount}, containers: []}}`;
const gateway = "istio: ingressgateway";
const mesh = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {namespace: edge, name: front}
spec:
  selector: {${gateway}}
  servers:
    - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {namespace: edge, name: shop}, stringData: {tls.crt: chain, tls.key: the-key-of-the-shop}}
${pod("edge", "front", "gateway", gateway)}${pod("edge", "thief", "thief", "app: thief")}${pod("other", "thief", "gateway", gateway)}
`;

let plane: ControlPlane;
let url: string;
const clients: DeltaClient[] = [];

beforeAll(async () => {
  const clock = new ShiftedClock();
  const authority = await authorityOf(newFiles(), clock);
  const changes = parseText("mesh.yaml", mesh).resources.map((put) => ({ put }));
  const source: Source = {
    name: "mesh",
    start: async (listener) => listener({ changes, diagnostics: [] }),
    stop: async () => {},
  };
  // Tokens say in words whose they are: NAMESPACE.SERVICEACCOUNT.POD, the last if they are bound to one.
  const verify = async (token: string) => {
    const [namespace = "", serviceAccount = "", bound = ""] = token.split(".");
    const identity = { trustDomain, namespace, serviceAccount };
    return { subject: { identity, ...(bound === "" ? {} : { pod: bound }) }, expiresAt: Number.POSITIVE_INFINITY };
  };
  plane = createControlPlane({
    ...{ clock, log, trustDomain, authority, sources: [source], counters: memoryCounters(clock) },
    secrets: secretsOf({ authority, clock, random, log }),
    authenticate: authenticator({ verify }, clock),
  });
  await plane.start();
  url = `http://127.0.0.1:${(await plane.listen({ host: "127.0.0.1", port: 0 })).port}`;
  // What a cache may hold, it holds: the gateway had its key, and its certificate.
  expect(await secrets(open("router", "edge/front", "edge.gateway."), ["default", "kubernetes://shop"])).toEqual({
    default: "spiffe://cluster.local/ns/edge/sa/gateway",
    "kubernetes://shop": "the-key-of-the-shop",
  });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => plane.stop());

/** A stream of a node that says of itself what it likes. */
function open(kind: string, place: string, token?: string, metadata: Record<string, string> = {}): DeltaClient {
  const [namespace, name] = place.split("/") as [string, string];
  const node = {
    id: `${kind}~10.0.0.1~${name}.${namespace}~${namespace}.svc.cluster.local`,
    metadata: { NAMESPACE: namespace, LABELS: { istio: "ingressgateway" }, ...metadata },
  };
  const client = openDelta({ url, node, ...(token === undefined ? {} : { token }) });
  clients.push(client);
  return client;
}

/** Whose certificate, and which keys, the stream got of what it asked for; its own certificate is made meanwhile, and comes last. */
async function secrets(client: DeltaClient, names: readonly string[]): Promise<Record<string, string>> {
  const got = read(await client.ask(TYPE.secret, names));
  while (got["default"] === undefined) Object.assign(got, read(await client.next(TYPE.secret)));
  return got;
}

function read({ resources }: DeltaDiscoveryResponse): Record<string, string> {
  return Object.fromEntries(
    resources.map(({ name, resource }) => {
      const { type } = fromBinary(SecretSchema, resource?.value ?? new Uint8Array());
      if (type.case !== "tlsCertificate") return [name, type.case ?? ""];
      const text = (from: typeof type.value.privateKey) => Buffer.from(from?.specifier.value as Uint8Array).toString();
      if (name !== "default") return [name, text(type.value.privateKey)];
      return [name, new X509Certificate(text(type.value.certificateChain)).subjectAltName?.replace("URI:", "") ?? ""];
    }),
  );
}

const wanted = [
  "default",
  "kubernetes://shop",
  "kubernetes-gateway://edge/shop",
  "spiffe://cluster.local/ns/edge/sa/gateway",
  "edge/shop",
  "",
];

describe("with the gateway's own secrets made already", () => {
  test("a workload of its namespace that has its labels on its tongue gets its own certificate alone", async () => {
    const mine = { default: "spiffe://cluster.local/ns/edge/sa/thief" };
    expect(await secrets(open("router", "edge/thief", "edge.thief."), wanted)).toEqual(mine);
    expect(await secrets(open("sidecar", "edge/thief", "edge.thief.thief"), wanted)).toEqual(mine);
    expect(await secrets(open("router", "edge/nobody", "edge.thief."), wanted)).toEqual(mine);
  });

  test("neither does a gateway of another namespace with the same labels and the same name of ServiceAccount", async () => {
    expect(await secrets(open("router", "other/thief", "other.gateway."), wanted)).toEqual({
      default: "spiffe://cluster.local/ns/other/sa/gateway",
    });
  });

  test("everything, asked for by a wildcard, is one's own", async () => {
    expect(Object.keys(await secrets(open("router", "edge/thief", "edge.thief."), ["*"])).sort()).toEqual([
      "ROOTCA",
      "default",
    ]);
  });

  test.each([
    ["another ServiceAccount's Pod", "edge/front", "edge.thief.", { SERVICE_ACCOUNT: "gateway" }],
    ["a Pod of another namespace", "edge/front", "other.gateway.", {}],
    ["another namespace in its metadata alone", "other/thief", "other.gateway.", { NAMESPACE: "edge" }],
    ["another Pod than its token's", "edge/front", "edge.gateway.back", {}],
  ])("a node that says that it is %s is refused", async (_, place, token, metadata) => {
    await expect(secrets(open("router", place, token, metadata), wanted)).rejects.toThrow("grpc-status 7");
  });

  test("a node of another form is refused", async () => {
    await expect(secrets(open("waypoint", "edge/front", "edge.gateway."), wanted)).rejects.toThrow("grpc-status 7");
  });

  test("somebody unknown gets nothing, whatever its node says", async () => {
    await expect(secrets(open("router", "edge/front"), wanted)).rejects.toThrow("grpc-status 16");
    await expect(secrets(open("router", "edge/front", "no token"), wanted)).rejects.toThrow("grpc-status 16");
  });
});
