import { once } from "node:events";
import { readFileSync } from "node:fs";
import http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import tls, { type TLSSocket } from "node:tls";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";

/** A call with everything that a policy may look at. */
export interface Probe {
  /** Name of the client's certificate. */
  readonly from: string;
  /** The caller's own address, on loopback. */
  readonly ip: string;
  /** Address and port that were called, as a PROXY header tells them. */
  readonly to: string;
  readonly port: number;
  readonly sni: string;
  /** Address that a trusted proxy before it saw. */
  readonly remoteIp: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Claims of a verified token. */
  readonly claims?: Readonly<Record<string, string>>;
}

export const plainProbe: Probe = {
  ...{ from: "nobody", ip: "127.77.0.1", to: "10.78.0.1", port: 7777, sni: "sni.test", remoteIp: "10.79.0.1" },
  ...{ method: "GET", path: "/", host: "host.test", headers: {} },
};

/** Status of a request to a listener with what `observed` gives it. */
export async function httpStatus(directory: string, listener: number, probe: Probe): Promise<number> {
  return Number((await httpAnswer(directory, listener, probe))[":status"]);
}

/** Headers of the answer to such a request. */
export async function httpAnswer(
  directory: string,
  listener: number,
  probe: Omit<Probe, "headers"> & { readonly headers: Readonly<Record<string, string | readonly string[]>> },
): Promise<http2.IncomingHttpHeaders> {
  const socket = await secured(directory, listener, probe, ["h2"]);
  const session = http2.connect("https://probe", { createConnection: () => socket });
  try {
    const { claims } = probe;
    const stream = session.request({
      ...{ ":method": probe.method, ":path": probe.path, ":authority": probe.host, ":scheme": "https" },
      ...({ ...probe.headers, "x-forwarded-for": probe.remoteIp } as http2.OutgoingHttpHeaders),
      ...(claims
        ? { "x-claims": Buffer.from(toBinary(ValueSchema, fromJson(ValueSchema, claims))).toString("base64") }
        : {}),
    });
    stream.end();
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    stream.resume();
    return headers;
  } finally {
    session.destroy();
  }
}

/** Whether bytes come back. */
export async function bytesPass(directory: string, listener: number, probe: Probe): Promise<boolean> {
  const socket = await secured(directory, listener, probe, []);
  try {
    socket.write("hello");
    return await Promise.race([once(socket, "data").then(() => true), once(socket, "close").then(() => false)]);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function secured(
  directory: string,
  port: number,
  probe: Omit<Probe, "headers">,
  protocols: string[],
): Promise<TLSSocket> {
  const raw: Socket = connect({ port, host: "127.0.0.1", localAddress: probe.ip });
  await once(raw, "connect");
  raw.write(`PROXY TCP4 ${probe.ip} ${probe.to} 40000 ${probe.port}\r\n`);
  const file = (name: string) => readFileSync(join(directory, name));
  const socket = tls.connect({
    ...{ socket: raw, ca: file("ca.pem"), checkServerIdentity: () => undefined, ALPNProtocols: protocols },
    ...{ cert: file(`${probe.from}.pem`), key: file(`${probe.from}-key.pem`), servername: probe.sni },
  });
  await once(socket, "secureConnect");
  return socket;
}

type Json = Readonly<Record<string, unknown>>;
const typed = (type: string, rest: Json): Json => ({
  "@type": `type.googleapis.com/envoy.extensions.${type}`,
  ...rest,
});

/**
 * A static listener whose connections have the addresses that a PROXY header says and the caller's certificate, and whose requests have claims
 * where the JWT filter puts them. `authorization` takes the place of all filters but the last one (the router, or the echo).
 */
export function observed(listener: Json, name: string, directory: string, authorization?: readonly Json[]): Json {
  const [chain] = listener["filterChains"] as readonly Json[];
  const filters = chain?.["filters"] as readonly Json[];
  const manager = filters[0]?.["name"] === "hcm" ? (filters[0]["typedConfig"] as Json) : undefined;
  const swapped = (all: readonly Json[]) => (authorization === undefined ? all : [...authorization, ...all.slice(-1)]);
  const made =
    manager === undefined
      ? swapped(filters)
      : [
          {
            name: "hcm",
            typedConfig: {
              ...manager,
              ...{ codecType: "HTTP2", useRemoteAddress: true, xffNumTrustedHops: 1 },
              httpFilters: [claims, ...swapped(manager["httpFilters"] as readonly Json[])],
            },
          },
        ];
  return {
    ...listener,
    name,
    listenerFilters: [
      {
        name: "proxy_protocol",
        typedConfig: typed("filters.listener.proxy_protocol.v3.ProxyProtocol", {}),
      },
      { name: "tls", typedConfig: typed("filters.listener.tls_inspector.v3.TlsInspector", {}) },
    ],
    filterChains: [{ filters: made, transportSocket: transport(directory) }],
  };
}

const claims = {
  name: "claims",
  typedConfig: typed("filters.http.header_to_metadata.v3.Config", {
    requestRules: [
      {
        header: "x-claims",
        remove: true,
        onHeaderPresent: {
          ...{ metadataNamespace: "envoy.filters.http.jwt_authn", key: "payload" },
          ...{ type: "PROTOBUF_VALUE", encode: "BASE64" },
        },
      },
    ],
  }),
};

function transport(directory: string): Json {
  const file = (name: string) => ({ filename: join(directory, name) });
  const commonTlsContext = {
    alpnProtocols: ["h2"],
    tlsCertificates: [{ certificateChain: file("cert.pem"), privateKey: file("key.pem") }],
    validationContext: { trustedCa: file("ca.pem") },
  };
  const context = { requireClientCertificate: true, commonTlsContext };
  return { name: "tls", typedConfig: typed("transport_sockets.tls.v3.DownstreamTlsContext", context) };
}
