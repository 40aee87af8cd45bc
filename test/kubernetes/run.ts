import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Servers, startServers } from "./api-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of this run, where `door` is a socket that answers the port of the run's API server. */
    readonly kubernetes: string;
  }
}

/** Of a run of vitest: its API server starts when the first test asks, and ends with the run. */
export function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "weft-run-"));
  let servers: Promise<Servers> | undefined;
  // Here and not in the threads of the tests: a program ends with the thread that started it.
  const door = createServer((socket) => {
    socket.on("error", () => {});
    servers ??= startServers(join(folder, "api"));
    servers.then(
      ({ port }) => socket.end(JSON.stringify({ port })),
      (error: Error) => socket.end(JSON.stringify({ error: error.message })),
    );
  });
  door.listen(join(folder, "door"));
  door.unref();
  project.provide("kubernetes", folder);
  return async () => {
    door.close();
    await (await servers?.catch(() => undefined))?.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
