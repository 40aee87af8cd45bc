import { connect } from "node:http2";
import { controlPlaneName } from "../agent/bootstrap-xds.ts";
import type { Discovery, Peer } from "../discovery/discovery.ts";
import { all, type Snapshot } from "../model/snapshot.ts";
import type { Held } from "../operate/status/istio-status.ts";
import { FrameReader } from "../xds/frames.ts";
import { GRPC } from "../xds/grpc.ts";
import type { TlsMaterial } from "../xds/listener.ts";
import type { StreamRequest, XdsServerOptions } from "../xds/server.ts";
import type { UnaryMethod } from "../xds/unary.ts";
import { controlPlaneIdentity } from "./server-certificate.ts";

/** A gRPC method on the port of xDS, for other replicas alone; its answer is JSON. */
const path = "/weft.v1.Replicas/Held";
const patienceMs = 3000;
const mostBytes = 1 << 26;

/** How far an object is with the proxies of one replica, and which generation of it that replica knows. */
export interface HeldThere extends Held {
  readonly generation: number;
}

/** By `origin.at`. */
export type HeldAt = ReadonlyMap<string, HeldThere>;

/** What this replica's proxies hold. */
export function heldWithGenerations(held: ReadonlyMap<string, Held>, snapshot: Snapshot): HeldAt {
  const found = new Map<string, HeldThere>();
  for (const type of snapshot.objects.keys()) {
    if (!/\.(istio\.io|gateway\.networking\.k8s\.io|weft\.dev)$/.test(type)) continue;
    for (const { origin, generation } of all(snapshot, type)) {
      const here = held.get(origin.at);
      if (here !== undefined) found.set(origin.at, { ...here, generation });
    }
  }
  return found;
}

/** The counts of all replicas. Proxies of a replica that does not know the object's generation yet have not taken it. */
export function together(own: HeldAt, others: readonly HeldAt[]): ReadonlyMap<string, Held> {
  const sum = new Map<string, HeldThere>(own);
  for (const [at, there] of others.flatMap((one) => [...one])) {
    const before = sum.get(at);
    const current = before === undefined || there.generation >= before.generation;
    const refused = before?.refused ?? (current ? there.refused : undefined);
    const more = before?.refused === undefined ? 0 : (current && there.refused?.proxies) || 0;
    sum.set(at, {
      generation: Math.max(before?.generation ?? 0, there.generation),
      total: (before?.total ?? 0) + there.total,
      acked: (before?.acked ?? 0) + (current ? there.acked : 0),
      ...(refused === undefined ? {} : { refused: { ...refused, proxies: refused.proxies + more } }),
    });
  }
  return sum;
}

/** Answers other replicas: whoever shows a certificate of a control plane, which only one that has the authority's key can make. */
export function heldMethod(
  authenticate: XdsServerOptions<Peer>["authenticate"],
  held: () => HeldAt,
): readonly [string, UnaryMethod<StreamRequest>] {
  return [
    path,
    async (_, request) => {
      const caller = await authenticate(request);
      if ("refusal" in caller) return caller.refusal;
      const { namespace, serviceAccount } = caller.peer.identity ?? {};
      const { namespace: ours, serviceAccount: name } = controlPlaneIdentity;
      if (request.tls?.authorized !== true || namespace !== ours || serviceAccount !== name)
        return { status: GRPC.permissionDenied, message: "other replicas of the control plane alone are answered" };
      return Buffer.from(JSON.stringify([...held()]));
    },
  ];
}

/** Asks another replica. Rejects where it does not answer as one. */
export function askHeld(url: string, { key, cert, ca }: TlsMaterial): Promise<HeldAt> {
  return new Promise((resolve, reject) => {
    const connection = connect(url, { key, cert, ca, servername: controlPlaneName });
    const stream = connection.request({
      ...{ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" },
    });
    const frames = new FrameReader(mostBytes);
    let answer: HeldAt | undefined;
    const end = (error?: Error) => {
      connection.destroy();
      if (answer !== undefined) resolve(answer);
      else reject(error ?? new Error(`${url} ended without an answer`));
    };
    stream.setTimeout(patienceMs, () => end(new Error(`${url} does not answer`)));
    stream.on("data", (chunk: Buffer) => {
      const messages = frames.push(chunk);
      if (!Array.isArray(messages)) end(new Error(messages.message));
      else for (const one of messages) answer = new Map(JSON.parse(one.toString()) as [string, HeldThere][]);
    });
    for (const part of [connection, stream]) part.on("error", end);
    stream.on("close", () => end());
    stream.end(Buffer.alloc(5));
  });
}

interface Slice {
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[];
}

/** Addresses of all control planes of the install namespace, by the EndpointSlices of their Services; `own` is left out. */
export function replicaAddresses(
  { snapshot }: Pick<Discovery, "snapshot">,
  namespace: string,
  own: ReadonlySet<string>,
): readonly string[] {
  const services = new Set(
    all(snapshot, "Service")
      .filter((one) => one.namespace === namespace && one.labels["app"] === "weft")
      .map(({ name }) => name),
  );
  const slices = all(snapshot, "EndpointSlice.discovery.k8s.io").filter(
    (one) => one.namespace === namespace && services.has(one.labels["kubernetes.io/service-name"] ?? ""),
  );
  const addresses = slices.flatMap(({ data }) =>
    ((data as Slice | undefined)?.endpoints ?? []).flatMap((one) => one.addresses ?? []),
  );
  return [...new Set(addresses)].filter((address) => !own.has(address));
}
