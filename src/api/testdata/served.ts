// An API over a fixed mesh, served anew for each test; the test moves its clock.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Log } from "../../std/log.ts";
import { openStore, type LocalStore } from "../../store/store.ts";
import type { MeshActions } from "../actions.ts";
import type { ChangeEvent } from "../contract/events.ts";
import { type Api, createApi } from "../create-api.ts";
import type { MeshState } from "../state.ts";
import { calmMesh, labels, latency, requests } from "./bookinfo.ts";

export const token = "s3cret-token";
const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => log };

let dir: string;
export let store: LocalStore;
export let api: Api;
let server: Server;
export let port: number;
export let now: number;
export let faults: unknown[];
let timers: Set<{ at: number; run: () => void }>;
export let listeners: Set<(topic: ChangeEvent["topic"]) => void>;

export function advance(ms: number): void {
  now += ms;
  for (const timer of [...timers]) {
    if (timer.at > now) continue;
    timers.delete(timer);
    timer.run();
  }
}

export async function start(actions: MeshActions = {}, over: Partial<MeshState> = {}, more = {}): Promise<void> {
  const onChange: MeshState["onChange"] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  api = createApi({
    store,
    state: calmMesh({ onChange, ...over }),
    actions,
    clock,
    consoleDir: join(dir, "console"),
    token,
    secret: () => randomBytes(32).toString("base64url"),
    onFault: (error) => faults.push(error),
    ...more,
  });
  server = createServer(api.handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  json: any;
}

export function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<Answer> {
  return new Promise((done, failed) => {
    const { method = "GET", headers = {}, body } = options;
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", failed);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = String(response.headers["content-type"]).startsWith("application/json");
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        });
      });
    });
    request.on("error", failed);
    request.end(body);
  });
}

export const bearer = { authorization: `Bearer ${token}` };
export const post = (path: string, body: string | Uint8Array = "", headers: Record<string, string> = bearer) =>
  ask(path, { method: "POST", headers, body });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "weft-api-"));
  mkdirSync(join(dir, "console", "assets"), { recursive: true });
  writeFileSync(join(dir, "console", "index.html"), '<!doctype html><meta property="csp-nonce" nonce="" /><title>Weft</title>');
  writeFileSync(join(dir, "console", "assets", "main-abc.js"), "console.log(1)");
  writeFileSync(join(dir, "console", "assets", "main-abc.js.br"), "packed");
  writeFileSync(join(dir, "secret.txt"), "not for you");
  symlinkSync(join(dir, "secret.txt"), join(dir, "console", "leak.txt"));
  now = 1_700_000_000_000;
  faults = [];
  timers = new Set();
  listeners = new Set();
  store = openStore({ path: ":memory:", log });
  store.write(now - 5000, 5000, [
    requests(50, labels("destination", "productpage-v1", "reviews-v1")),
    latency(labels("destination", "productpage-v1", "reviews-v1"), [0, 50, 0, 0, 0, 0, 0, 0]),
  ]);
});

afterEach(async () => {
  api.close();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  store.close();
  rmSync(dir, { recursive: true, force: true });
});
