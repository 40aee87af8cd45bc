import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** The Envoy to test with: WEFT_ENVOY, else the one that `npm start` fetched. */
export function envoyBinary(): string {
  const path = process.env["WEFT_ENVOY"] ?? resolve(process.env["WEFT_CACHE"] ?? ".cache", "envoy/1.40.0/envoy");
  if (!existsSync(path)) throw new Error(`no Envoy at ${path}; run npm start once, or set WEFT_ENVOY`);
  return path;
}

export interface EnvoyConfig {
  /** Clusters, endpoints and listeners come from files, as Envoy's JSON. `$CERTS` in them becomes the directory. */
  readonly clusters: readonly JsonValue[];
  readonly listeners?: readonly JsonObject[];
}

export interface RunningEnvoy {
  /** Address of a listener, by name. */
  port(listener: string): Promise<number>;
  stats(): Promise<Readonly<Record<string, number>>>;
  /** Stats once they satisfy a condition. */
  settled(done: (stats: Readonly<Record<string, number>>) => boolean): Promise<Readonly<Record<string, number>>>;
  /** What it printed. */
  log(): string;
  stop(): Promise<void>;
}

let started = 0;

/** Runs an Envoy on ports that the kernel picks. */
export async function startEnvoy(directory: string, config: EnvoyConfig): Promise<RunningEnvoy> {
  const file = (name: string) => join(directory, `envoy-${process.pid}-${started}-${name}`);
  started++;
  const write = (name: string, value: unknown) => {
    writeFileSync(file(name), JSON.stringify(value).replaceAll("$CERTS", directory));
    return { pathConfigSource: { path: file(name) }, resourceApiVersion: "V3" };
  };
  const typed = (type: string, list: readonly JsonValue[]) => ({
    versionInfo: "1",
    resources: list.map((r) => ({ "@type": `type.googleapis.com/${type}`, ...(r as JsonObject) })),
  });
  const addressFile = file("admin");
  write("bootstrap.json", {
    node: { id: "n", cluster: "c" },
    admin: { address: address(0) },
    staticResources: { clusters: [unreachableXds] },
    dynamicResources: {
      adsConfig: {
        apiType: "DELTA_GRPC",
        transportApiVersion: "V3",
        grpcServices: [{ envoyGrpc: { clusterName: "xds" } }],
      },
      cdsConfig: write("clusters.json", typed("envoy.config.cluster.v3.Cluster", config.clusters)),
      ldsConfig: write("listeners.json", typed("envoy.config.listener.v3.Listener", config.listeners ?? [])),
    },
  });
  const args = [
    "-c",
    file("bootstrap.json"),
    "--admin-address-path",
    addressFile,
    "--disable-hot-restart",
    "--concurrency",
    "1",
    "-l",
    "warning",
  ];
  const child = spawn(envoyBinary(), args, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr?.on("data", (chunk) => (log += chunk));
  const admin = await until(() =>
    existsSync(addressFile) ? readFileSync(addressFile, "utf8") || undefined : gone(child, () => log),
  );
  return running(child, `http://${admin}`, () => log);
}

function running(child: ChildProcess, admin: string, log: () => string): RunningEnvoy {
  const stats = async () => {
    const lines = (await (await fetch(`${admin}/stats`)).text()).split("\n");
    const pairs = lines.map((line) => /^(.*): (\d+)$/.exec(line)).filter((m) => m !== null);
    return Object.fromEntries(pairs.map((m) => [m[1] as string, Number(m[2])]));
  };
  return {
    stats,
    log,
    settled: (done) =>
      until(async () => {
        const now = await stats();
        return done(now) ? now : gone(child, log);
      }),
    port: (listener) =>
      until(async () => {
        const lines = (await (await fetch(`${admin}/listeners`)).text()).split("\n");
        const line = lines.find((l) => l.startsWith(`${listener}::`));
        return line === undefined ? gone(child, log) : Number(line.slice(line.lastIndexOf(":") + 1));
      }),
    stop: () =>
      new Promise((done) => {
        if (child.exitCode !== null) return done();
        child.once("exit", () => done());
        child.kill("SIGKILL");
      }),
  };
}

/** Tries until there is an answer. */
async function until<T>(attempt: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await attempt();
    if (value !== undefined) return value;
    await new Promise((done) => setTimeout(done, 20));
  }
}

function gone(child: ChildProcess, log: () => string): undefined {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Envoy ended: ${log()}`);
}

export function address(port: number): JsonObject {
  return { socketAddress: { address: "127.0.0.1", portValue: port } };
}

const unreachableXds = {
  name: "xds",
  type: "STATIC",
  loadAssignment: { clusterName: "xds", endpoints: [{ lbEndpoints: [{ endpoint: { address: address(1) } }] }] },
  typedExtensionProtocolOptions: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicitHttpConfig: { http2ProtocolOptions: {} },
    },
  },
};
