import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask } from "../e2e/ask.ts";
import type { ApiServer } from "./api-server.ts";
import { background, until } from "./processes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface ControlPlaneOptions {
  readonly api: ApiServer;
  /** Its ports are those of a cluster; several have addresses of their own (`ownAddress`). */
  readonly address: string;
  readonly revision?: string;
  readonly namespace?: string;
  /** The administrator's by default. */
  readonly kubeconfig?: string;
}

/** One replica of the control plane, as it runs in a Pod. */
export interface Replica {
  readonly address: string;
  /** The status of `/ready`, and what it says; 0 where nothing answers. */
  ready(): Promise<{ readonly status: number; readonly body: string }>;
  /** Resolves when it is ready. */
  isReady(): Promise<void>;
  /** All that it has logged. */
  log(): string;
  /** Asks it to end, and kills it where it does not within the time. Answers how it ended; null where it was killed. */
  stop(graceMs?: number): Promise<number | null>;
}

export function startControlPlane(options: ControlPlaneOptions): Replica {
  const { api, address, revision = "default", namespace = "istio-system", kubeconfig = api.kubeconfig } = options;
  const folder = mkdtempSync(join(tmpdir(), "weft-plane-"));
  const flags = ["--kubernetes", "--kubeconfig", kubeconfig, "--namespace", namespace, "--revision", revision];
  const where = ["--address", address, "--console-port", "0", "--state-dir", join(folder, "state")];
  const command = [process.execPath, join(root, "bin", "weft.mjs"), "serve", ...flags, ...where];
  const running = background(`control plane ${address}`, command, join(folder, "log"), root);
  const ready = () =>
    ask(`http://${address}:8080/ready`, { timeoutMs: 2_000 }).catch(() => ({ status: 0, body: "no answer" }));
  return {
    address,
    ready,
    isReady: () => until("the control plane is ready", async () => (await ready()).status === 200, [running]),
    log: () => readFileSync(running.log, "utf8"),
    stop: (graceMs = 20_000) => running.stop(graceMs),
  };
}

/** The mesh's root certificate, as the Secret of the authority has it. */
export async function rootOf(api: ApiServer, namespace = "istio-system"): Promise<string> {
  const secret = await api.kubectl(["get", "secret", "weft-ca", "-n", namespace, "-o", "jsonpath={.data.root\\.pem}"]);
  const text = Buffer.from(secret, "base64").toString();
  return text.slice(text.indexOf("-----BEGIN CERTIFICATE-----"));
}
