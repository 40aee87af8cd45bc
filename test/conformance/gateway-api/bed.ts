import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { envoyBinary } from "../../cluster/envoy.ts";
import type { Answer } from "./judge.ts";

/** A running mesh of a folder whose files the test writes and takes away. */
export class Bed {
  readonly #folder = mkdtempSync(join(tmpdir(), "weft-gateway-api-"));
  #mesh: ChildProcess | undefined;
  #door = 0;

  constructor() {
    mkdirSync(join(this.#folder, "mesh"));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, "mesh", `${name}.yaml`), text);
  }

  remove(name: string): void {
    rmSync(join(this.#folder, "mesh", `${name}.yaml`), { force: true });
  }

  async start(): Promise<void> {
    const ports = [await freePort(), await freePort(), await freePort()];
    this.#door = ports[0] as number;
    const args = [
      join(import.meta.dirname, "../../behaviour/mesh-process.ts"),
      join(this.#folder, "mesh"),
      join(this.#folder, "state"),
      ...ports.map(String),
    ];
    const env = { ...process.env, WEFT_ENVOY: envoyBinary() };
    this.#mesh = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
    await Promise.race([
      once(this.#mesh.stdout as NodeJS.ReadableStream, "data"),
      once(this.#mesh, "exit").then(() => Promise.reject(new Error("the mesh ended"))),
    ]);
  }

  /** Has a Pod of a Deployment make a call. `caller` is `NAME.NAMESPACE`. */
  call(caller: string, asked: Readonly<Record<string, unknown>>): Promise<Answer> {
    return new Promise((resolve) => {
      const options = { host: "127.0.0.1", port: this.#door, method: "POST", headers: { host: `${caller}.calls` } };
      const sent = request({ ...options, agent: false }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () =>
          resolve(
            response.statusCode === 200
              ? (JSON.parse(body) as Answer)
              : { error: `the caller answered ${response.statusCode}` },
          ),
        );
      });
      sent.on("error", (error) => resolve({ error: `no caller: ${error.message}` }));
      sent.end(JSON.stringify(asked));
    });
  }

  async stop(): Promise<void> {
    if (this.#mesh?.exitCode === null) {
      this.#mesh.kill("SIGTERM");
      await once(this.#mesh, "exit");
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
