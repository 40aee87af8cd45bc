import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp, get, type Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { activeConnections, askAdmin, isReady } from "./admin.ts";
import { signal } from "./process.ts";
import { type ProxyRun, runProxy } from "./proxy.ts";
import { testEnvoy } from "./test-envoy.ts";

const envoyPath = testEnvoy();
const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const quiet = { clock, random: { next: () => 0, bytes: (n: number) => new Uint8Array(n) }, log };

let folder: string;
let proxy: ProxyRun;
let application: Server;
let port: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-proxy-"));
  application = createHttp((request, response) =>
    setTimeout(() => response.end("done"), Number(request.headers["x-ms"] ?? 0)),
  );
  await new Promise<void>((done) => application.listen(0, "127.0.0.1", done));
  port = await free();
  const bootstrapFile = join(folder, "bootstrap.json");
  writeFileSync(
    bootstrapFile,
    JSON.stringify(config(join(folder, "admin.sock"), port, (application.address() as AddressInfo).port)),
  );
  const options = {
    kind: "router" as const,
    envoyPath,
    enter: [],
    env: {},
    bootstrapFile,
    logFile: join(folder, "log"),
  };
  proxy = runProxy({ ...options, admin: { path: join(folder, "admin.sock") }, drainSeconds: 1, ...quiet });
  proxy.process.start();
  await proxy.ready(AbortSignal.timeout(30_000));
});
afterEach(async () => {
  await proxy.stop();
  application.closeAllConnections();
  await new Promise((done) => application.close(done));
  rmSync(folder, { recursive: true, force: true });
});

test("it is ready when it serves; killed, it comes back and serves", async () => {
  expect(await ask()).toBe("done");
  const first = proxy.process.current;
  if (first) signal(first, "SIGKILL");
  await vi.waitFor(() => expect(proxy.process.current?.pid).not.toBe(first?.pid), { timeout: 10_000 });
  await proxy.ready(AbortSignal.timeout(30_000));
  expect(await ask()).toBe("done");
  expect(proxy.process.restarts).toBe(1);
});

test("drain waits for the request that is under way, and no longer", async () => {
  const slow = ask(400);
  await vi.waitFor(async () => expect(await activeConnections(proxy.admin, "router")).toBe(1), { timeout: 10_000 });
  const began = Date.now();
  await proxy.drain(0, 30_000);
  expect(await slow).toBe("done");
  expect(Date.now() - began).toBeLessThan(20_000);
  expect(await activeConnections(proxy.admin, "router")).toBe(0);
});

test("its log is a file of its own, and its admin socket is not for others", async () => {
  await askAdmin(proxy.admin, "POST", "/logging?level=info");
  await proxy.stop();
  expect(readFileSync(join(folder, "log"), "utf8")).toMatch(/\[info\]/);
  expect(await isReady(proxy.admin)).toBe(false);
});

function ask(ms = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false, headers: { "x-ms": String(ms) } }, (answer) => {
      let text = "";
      answer.on("data", (part) => {
        text += part;
      });
      answer.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

async function free(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port: found } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return found;
}

function config(adminPath: string, listen: number, to: number): unknown {
  const at = (port_value: number) => ({ socket_address: { address: "127.0.0.1", port_value } });
  const filters = "type.googleapis.com/envoy.extensions.filters";
  const hcm = {
    "@type": `${filters}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "in",
    http_filters: [{ name: "router", typed_config: { "@type": `${filters}.http.router.v3.Router` } }],
    route_config: {
      virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "app" } }] }],
    },
  };
  return {
    admin: { address: { pipe: { path: adminPath } } },
    static_resources: {
      listeners: [
        { name: "in", address: at(listen), filter_chains: [{ filters: [{ name: "hcm", typed_config: hcm }] }] },
      ],
      clusters: [
        {
          name: "app",
          type: "STATIC",
          load_assignment: { cluster_name: "app", endpoints: [{ lb_endpoints: [{ endpoint: { address: at(to) } }] }] },
        },
      ],
    },
  };
}
