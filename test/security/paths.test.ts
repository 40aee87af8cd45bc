import { deepStrictEqual, ok } from "node:assert";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backends, read, startBackends } from "./backends.ts";
import { tricks } from "./path-tricks.ts";
import { each, exchange, get, statuses } from "./raw-http.ts";
import { type WorkloadBed, workloadBed } from "./workload-bed.ts";

// A real sidecar before servers of three makes: what a policy denies is reached by no spelling of its path, and what it allows is reached.

let bed: WorkloadBed;
let backends: Backends;

beforeAll(async () => {
  bed = await workloadBed();
  backends = await startBackends(bed.applications);
});
afterAll(async () => {
  await backends?.stop();
  await bed?.stop();
});

const policy = (spec: string) => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: paths}
spec: ${spec}`;
const deny = policy(`{action: DENY, rules: [{to: [{operation: {paths: ["/admin*"]}}]}]}`);
const allow = policy(`{action: ALLOW, rules: [{to: [{operation: {paths: ["/public", "/public/*"]}}]}]}`);

const take = (text: string) => bed.take(Object.values(backends.ports), text);
const ask = (port: number, line: string) => exchange({ host: bed.ip, port }, line);

const admin = (path: string) => /^\/*admin/.test(path);
const open = (path: string) => /^\/public(\/|$)/.test(path) || path === "";

describe.each(["node", "nginx", "python"] as const)("%s", (name) => {
  test("reads nothing that DENY denies", async () => {
    await take(deny);
    const port = backends.ports[name];
    const all = tricks(20_261_122);
    expect(all.length).toBeGreaterThan(500);
    const through: string[] = [];
    let passed = 0;
    await each(all, async (request) => {
      const answer = await ask(port, request);
      const paths = read(answer);
      if (paths.length > 0) passed++;
      if (paths.some(admin)) through.push(`${JSON.stringify(request.split("\r\n")[0])}: ${paths.join(" ")}`);
    });
    deepStrictEqual(through, []);
    // Else a sidecar that refuses all would pass.
    ok(passed > 200, `${passed} of ${all.length} passed`);
  });

  test("reads nothing that ALLOW does not allow", async () => {
    await take(allow);
    const port = backends.ports[name];
    const through: string[] = [];
    let passed = 0;
    await each(tricks(42), async (request) => {
      const paths = read(await ask(port, request));
      if (paths.length > 0) passed++;
      if (paths.some((path) => admin(path) || !open(path)))
        through.push(`${JSON.stringify(request.split("\r\n")[0])}: ${paths.join(" ")}`);
    });
    deepStrictEqual(through, []);
    ok(passed > 100, `${passed} passed`);
  });

  test.each([deny, allow])("what may be reached is reached", async (text) => {
    await take(text);
    const port = backends.ports[name];
    for (const path of [
      "/public",
      "/public/",
      "/public/a%20b",
      "/public/%E2%82%AC",
      "/public/?q=/admin",
      "/public/x%3Fy",
    ])
      deepStrictEqual(statuses(await ask(port, get(path))), [200], path);
    for (const path of ["/admin", "/admin/x?y"]) deepStrictEqual(statuses(await ask(port, get(path))), [403], path);
  });
});

test("with Istio's own default, BASE, there are spellings that get through", async () => {
  await take(`${deny}\n---\nmeshConfig: {pathNormalization: {normalization: BASE}}`);
  for (const port of Object.values(backends.ports)) {
    const through = await Promise.all(
      ["/public%2f..%2fadmin", "//admin"].map(async (path) => read(await ask(port, get(path))).some(admin)),
    );
    ok(through.includes(true));
  }
});
