import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "@bufbuild/protobuf";
import { envoyBinary } from "../cluster/envoy.ts";

/** A real Envoy with a static configuration. */
export interface EnvoyProcess {
  /** Port of a listener by its name; listeners bind port 0. */
  port(listener: string): number;
  stop(): Promise<void>;
}

/** Starts Envoy and waits until it listens. `staticResources` as in its bootstrap. */
export async function startEnvoy(staticResources: JsonObject): Promise<EnvoyProcess> {
  const directory = await mkdtemp(join(tmpdir(), "route-envoy-"));
  const [config, adminFile] = [join(directory, "envoy.json"), join(directory, "admin")];
  const admin = { address: { socketAddress: { address: "127.0.0.1", portValue: 0 } } };
  // As large as the product lets an expression be.
  const layer = { name: "static", staticLayer: { "re2.max_program_size.error_level": 32768 } };
  await writeFile(config, JSON.stringify({ admin, staticResources, layeredRuntime: { layers: [layer] } }));
  const args = [
    "-c",
    config,
    "--admin-address-path",
    adminFile,
    "--disable-hot-restart",
    "--concurrency",
    "1",
    "-l",
    "error",
  ];
  const child = spawn(envoyBinary(), args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ports = await listening(child, adminFile, () => said);
  return {
    port: (listener) => {
      const found = ports.get(listener);
      if (found === undefined) throw new Error(`no listener ${listener}`);
      return found;
    },
    stop: async () => {
      if (child.exitCode === null) {
        child.kill();
        await once(child, "exit");
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listening(
  child: ChildProcess,
  adminFile: string,
  said: () => string,
): Promise<ReadonlyMap<string, number>> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Envoy ended: ${said()}`);
    const admin = await readFile(adminFile, "utf8").catch(() => "");
    const ready = admin === "" ? undefined : await fetch(`http://${admin}/ready`).catch(() => undefined);
    if (ready?.ok) {
      const listeners = (await (await fetch(`http://${admin}/listeners?format=json`)).json()) as {
        readonly listener_statuses: readonly {
          name: string;
          local_address: { socket_address: { port_value: number } };
        }[];
      };
      return new Map(listeners.listener_statuses.map((l) => [l.name, l.local_address.socket_address.port_value]));
    }
    await pause(20);
  }
}
