import { execFile } from "node:child_process";
import { generateKeyPairSync, randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { type AccountOptions, accountKubeconfig } from "./account.ts";
import { background, type Running, until } from "./processes.ts";
import { program } from "./programs.ts";

/** A real API server with an etcd of its own and nothing else: no controller, so a Namespace that is deleted stays Terminating and none gets a
 * ServiceAccount of itself; Pods are created and never run. */
export interface ApiServer {
  /** `https://127.0.0.1:13042`. */
  readonly url: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The same, read. */
  config(): KubeConfig;
  /** Runs kubectl as the administrator; answers what it prints. Rejects with its complaint. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Creates a ServiceAccount that may do what its rules say and nothing more; answers the path of a kubeconfig with a token of its own. */
  account(options: AccountOptions): Promise<string>;
}

/** An API server of one test file's own, which may be lost and come back. */
export interface OwnApiServer extends ApiServer {
  /** The API server goes, connections and all; etcd keeps what it knows. */
  stop(): Promise<void>;
  /** It comes back at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an API server that others do not see; it takes some 2 s and 300 MB. */
export async function ownApiServer(options: { readonly flags?: readonly string[] } = {}): Promise<OwnApiServer> {
  const folder = mkdtempSync(join(tmpdir(), "weft-api-"));
  const servers = await startServers(folder, options.flags);
  return {
    ...apiServer(folder, servers.port),
    stop: servers.stop,
    start: servers.start,
    async close() {
      await servers.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What is asked of an API server that runs already, with its state in `folder`. */
export function apiServer(folder: string, port: number): ApiServer {
  const kubeconfig = join(folder, "kubeconfig");
  const kubectl = (args: readonly string[], input?: string) => runKubectl(kubeconfig, args, input);
  const config = () => {
    const read = new KubeConfig();
    read.loadFromFile(kubeconfig);
    return read;
  };
  return {
    url: `https://127.0.0.1:${port}`,
    kubeconfig,
    config,
    kubectl,
    account: (options) => accountKubeconfig(folder, kubectl, options),
  };
}

export interface Servers {
  readonly port: number;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts etcd and an API server with their state in `folder`, on a port that is free. */
export async function startServers(folder: string, flags: readonly string[] = []): Promise<Servers> {
  prepare(folder);
  const etcd = background("etcd", etcdCommand(), join(folder, "etcd.log"), folder);
  let server: Running | undefined;
  const start = async (port: number) => {
    server = background("kube-apiserver", apiCommand(folder, port, flags), join(folder, "kube-apiserver.log"), folder);
    await until("the API server is ready", () => isReady("127.0.0.1", port), [etcd, server]);
  };
  // Its graceful end waits for watches to end, which do not.
  const stop = async () => {
    await server?.stop(1_000);
  };
  const port = await freePort();
  await start(port);
  writeKubeconfig(folder, `https://127.0.0.1:${port}`);
  return {
    port,
    stop,
    start: () => start(port),
    async close() {
      await stop();
      await etcd.stop();
    },
  };
}

const adminToken = "admin-token";

/** What an API server reads: the key of ServiceAccounts and its users. */
export function prepare(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  writeFileSync(join(folder, "accounts.key"), privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  writeFileSync(join(folder, "tokens.csv"), `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 });
}

/** Sockets in its folder instead of ports. Debian's etcd cannot do without fsync. */
export function etcdCommand(): readonly string[] {
  const client = "unix://127.0.0.1:1";
  const peer = "unix://127.0.0.1:2";
  return [
    program("etcd"),
    "--data-dir=etcd",
    "--log-level=error",
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiCommand(folder: string, port: number, flags: readonly string[]): readonly string[] {
  return [
    program("kube-apiserver"),
    `--etcd-servers=unix://${join(folder, "127.0.0.1:1")}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    // Nothing reaches it by Service: the Endpoints of `kubernetes` may not be on the loopback interface, and stay away.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--service-account-key-file=accounts.key",
    "--service-account-signing-key-file=accounts.key",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--token-auth-file=tokens.csv",
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--cert-dir=certificates",
    "--allow-privileged=true",
    "--shutdown-delay-duration=0s",
    ...flags,
  ];
}

/** Whether an API server answers that it is ready. */
export function isReady(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(`https://${address}:${port}/readyz`, {
      rejectUnauthorized: false,
      agent: false,
      headers: { authorization: `Bearer ${adminToken}` },
      timeout: 5_000,
    });
    asked.once("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
    asked.end();
  });
}

/** Writes the administrator's kubeconfig; answers its path. */
export function writeKubeconfig(folder: string, server: string): string {
  const authority = readFileSync(join(folder, "certificates", "apiserver.crt")).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "admin", user: { token: adminToken } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  };
  const file = join(folder, "kubeconfig");
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** Below the range that outgoing connections take theirs from, so that it stays free until it is used. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 20_000);
    const free = await new Promise<boolean>((resolve) => {
      const trial = createServer();
      trial.once("error", () => resolve(false));
      trial.listen(port, "127.0.0.1", () => trial.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** Runs kubectl with a kubeconfig. */
export function runKubectl(kubeconfig: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program("kubectl"),
      [`--kubeconfig=${kubeconfig}`, ...args],
      { maxBuffer: 1 << 28 },
      (error, stdout, stderr) =>
        error === null
          ? resolve(stdout)
          : reject(new Error(`kubectl ${args.join(" ")}: ${stderr.trim() || error.message}`)),
    );
    child.stdin?.end(input ?? "");
  });
}
