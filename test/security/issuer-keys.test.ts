import { deepStrictEqual, match, strictEqual } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { ranges } from "../../src/fetch/address.ts";
import { guardedFetch } from "../../src/fetch/fetch.ts";
import { wantedIn } from "../../src/main/issuer-keys.ts";
import type { SourceEvent } from "../../src/model/change.ts";
import { apply, empty } from "../../src/model/snapshot.ts";
import { KeySource } from "../../src/sources/keys/source.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { resources } from "../cluster/mesh.ts";
import { type IssuerKey, issuerKey, JwtBed, token } from "./jwt-bed.ts";

// An issuer that is there, changes its keys, goes down, comes back and misbehaves; between it and a real gateway the product's own parts. The clock is
// the test's, and the issuer listens on 127.0.0.1, which is allowed here.

const hour = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), "issuer-keys-"));
const issuer = http.createServer((request, response) => answer(request, response));
let answer: RequestListener = (_, response) => void response.writeHead(503).end();
let first: IssuerKey;
let second: IssuerKey;
let other: IssuerKey;
let policies = "";
let bed: JwtBed;
let plane: Plane;

/** Fetches as the control plane does, and gives the gateway what follows. */
class Plane {
  #now = Date.now();
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  readonly #sets = new Map<string, unknown>();
  #source: KeySource;
  #last: SourceEvent | undefined;

  constructor() {
    this.#source = this.restarted();
  }

  /** Another process, with the same folder. */
  restarted(): KeySource {
    this.#timers = [];
    this.#sets.clear();
    this.#last = undefined;
    this.#source = new KeySource({
      folder,
      clock: {
        now: () => this.#now,
        after: (ms, run) => {
          const timer = { at: this.#now + ms, run };
          this.#timers.push(timer);
          return () => {
            this.#timers = this.#timers.filter((t) => t !== timer);
          };
        },
      },
      random: { next: () => 0.5, bytes: (n) => new Uint8Array(n) },
      get: guardedFetch({ resolve: async () => ["127.0.0.1"], allowed: ranges(["127.0.0.1"]), roots: [] }),
    });
    void this.#source.start((event) => {
      this.#last = event;
      for (const change of event.changes)
        if ("put" in change) this.#sets.set(change.put.name, change.put.spec);
        else this.#sets.delete(change.remove.name);
    });
    return this.#source;
  }

  /** What the gateway must have now; resolves to the types that were sent anew when it has it. */
  async serve(): Promise<readonly string[]> {
    this.#source.want(
      wantedIn(
        apply(
          empty,
          resources(policies, "p.yaml").map((put) => ({ put })),
        ),
      ),
    );
    while (this.#last === undefined || this.#busy()) await new Promise((next) => setTimeout(next, 5));
    return await this.#push();
  }

  /** Lets time pass, timer by timer, each with its answer. */
  async pass(ms: number): Promise<readonly string[]> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((t) => t !== next);
      this.#now = next.at;
      next.run();
      while (this.#busy()) await new Promise((wait) => setTimeout(wait, 1));
    }
    this.#now = end;
    return await this.#push();
  }

  diagnostics(): readonly string[] {
    return (this.#last?.diagnostics ?? []).map((d) => `${d.level} ${d.message}`);
  }

  /** Whether something that is wanted is being fetched: it has no next time. */
  #busy(): boolean {
    return this.#timers.length < 2;
  }

  #push(): Promise<readonly string[]> {
    const sets = [...this.#sets].map(([name, spec]) => ({
      ...{ apiVersion: "weft.dev/v1", kind: "KeySet", metadata: { name, namespace: "" }, spec },
    }));
    return bed.change([policies, ...sets.map((set) => JSON.stringify(set))].join("\n---\n"));
  }
}

const serving =
  (...keys: readonly IssuerKey[]): RequestListener =>
  (_, response) =>
    void response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
const down: RequestListener = (request) => request.socket.destroy();

const by = async (iss: string, key: IssuerKey) => {
  const text = token(
    { alg: "RS256", kid: key.jwk.kid },
    { iss, sub: "ann", exp: Math.floor(Date.now() / 1000) + 600 },
    key,
  );
  return (await bed.ask("/", { authorization: `Bearer ${text}` })).status;
};
/** Nothing else is harmed. */
const othersPass = async () => {
  strictEqual((await bed.ask("/")).status, 200);
  strictEqual(await by("inline", other), 200);
};

beforeAll(async () => {
  [first, second, other] = (await Promise.all(["1", "2", "3"].map((kid) => issuerKey("RS256", kid)))) as [
    IssuerKey,
    IssuerKey,
    IssuerKey,
  ];
  await once(issuer.listen(0, "127.0.0.1"), "listening");
  const { port } = issuer.address() as AddressInfo;
  policies = `apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: istio-system}
spec:
  jwtRules:
  - {issuer: fetched, jwksUri: "http://keys.example:${port}/keys"}
  - {issuer: inline, jwks: '${JSON.stringify({ keys: [other.jwk] })}'}
  - {issuer: forbidden, jwksUri: "http://127.0.0.2:${port}/keys"}`;
  bed = await JwtBed.start(policies);
  plane = new Plane();
});
afterAll(async () => {
  await bed?.stop();
  issuer.closeAllConnections();
  issuer.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("an issuer's life", () => {
  test("before its keys were ever had its tokens are refused, and nothing else is", async () => {
    answer = down;
    await plane.serve();
    strictEqual(await by("fetched", first), 401);
    match(plane.diagnostics()[0] ?? "", /^Error the keys of its tokens cannot be fetched/);
    await othersPass();
  });

  test("as soon as they are had they pass", async () => {
    answer = serving(first);
    await plane.pass(60_000);
    strictEqual(await by("fetched", first), 200);
    strictEqual(await by("fetched", second), 401);
  });

  test("a change of keys is a change of the filter alone: listeners and connections stay", async () => {
    answer = serving(first, second);
    deepStrictEqual(await plane.pass(hour / 3), [TYPE.extension]);
    strictEqual(await by("fetched", first), 200);
    strictEqual(await by("fetched", second), 200);
  });

  test("a key that it takes back signs no more", async () => {
    answer = serving(second);
    deepStrictEqual(await plane.pass(hour / 3), [TYPE.extension]);
    strictEqual(await by("fetched", first), 401);
    strictEqual(await by("fetched", second), 200);
  });

  test.each<[string, RequestListener]>([
    ["is down", down],
    ["fails", (_, response) => void response.writeHead(500).end()],
    ["shows a page", (_, response) => void response.end("<html>")],
    ["has no keys", (_, response) => void response.end('{"keys":[]}')],
    ["leads inside", (_, response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end()],
    [
      "leads to another port of this machine",
      (_, response) => void response.writeHead(307, { location: "http://127.0.0.3/" }).end(),
    ],
    ["answers without end", (_, response) => void response.end(`{"keys":[]}${" ".repeat(300 * 1024)}`)],
  ])("while it %s its last good keys serve", async (_, misbehaves) => {
    answer = misbehaves;
    deepStrictEqual(await plane.pass(hour), []);
    strictEqual(await by("fetched", second), 200);
    match(plane.diagnostics()[0] ?? "", /^Warning the keys of its tokens cannot be fetched/);
    await othersPass();
  });

  test("over a restart, too", async () => {
    answer = down;
    plane.restarted();
    await plane.serve();
    strictEqual(await by("fetched", second), 200);
  });

  test("for a day and not longer; then its tokens are refused, and nothing else", async () => {
    await plane.pass(24 * hour);
    strictEqual(await by("fetched", second), 401);
    await othersPass();
  });

  test("until it is back", async () => {
    answer = serving(second);
    await plane.pass(60_000);
    strictEqual(await by("fetched", second), 200);
    strictEqual(plane.diagnostics().filter((line) => !line.includes("127.0.0.2")).length, 0);
  });

  test("what must not be asked never is, though it would answer", async () => {
    strictEqual(await by("forbidden", second), 401);
    match(plane.diagnostics().join(), /127\.0\.0\.2 is loopback, and such are asked only where --fetch-from allows it/);
  });
});
