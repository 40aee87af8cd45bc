import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runIt } from "../../src/cli/cli.fixture.ts";
import { enterMesh, registryDir, runningMeshes } from "../../src/cli/registry.ts";
import { clusters, config, mesh, proxy, workload } from "./bookinfo.ts";
import { type Answers, serve } from "./control-plane.ts";

let home: string;
let plane: Awaited<ReturnType<typeof serve>> | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "weft-cli-"));
});
afterEach(async () => {
  await plane?.close();
  plane = undefined;
  rmSync(home, { recursive: true, force: true });
});

/** Runs a command against a control plane with these answers, as a user whose registry knows it. */
async function ask(argv: readonly string[], answers: Answers, stdin = "") {
  plane ??= await serve(answers);
  const entry = { name: "bookinfo", dir: "/x", server: plane.url, token: "right", pid: 1, startedAt: 1 };
  enterMesh(registryDir({}, home), entry);
  return runIt(argv, { home, cwd: home, stdin, processes: { alive: () => true, stop: () => {} } });
}

describe("no control plane", () => {
  test.each(["status", "dashboard"])("%s tells it in one sentence with what to do, and ends with 69", async (name) => {
    const { code, out, err } = await runIt([name, "--server", "http://127.0.0.1:21999"]);
    expect({ code, out }).toEqual({ code: 69, out: "" });
    expect(err).toBe(
      "error: No control plane at http://127.0.0.1:21999 (connection refused). Is it running? Start one: weft up. Other address: --server or WEFT_SERVER.\n",
    );
  });

  test("one that takes the connection and says nothing is given up after --timeout, with 75", async () => {
    const silent = createServer();
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const { port } = silent.address() as { port: number };
    const { code, err } = await runIt(["status", "--server", `http://127.0.0.1:${port}`, "--timeout", "200ms"]);
    silent.close();
    expect(code).toBe(75);
    expect(err).toContain("did not answer within 0.2 s");
  });

  test("version goes on without one", async () => {
    const { code, out, err } = await runIt(["version", "--server", "http://127.0.0.1:21999"]);
    expect({ code, out }).toEqual({ code: 0, out: "client version: 0.1.0\n" });
    expect(err).toContain("No control plane at");
  });
});

test("status: the mesh in a sentence, workloads in a table, data alone in JSON", async () => {
  const answers = { mesh, workloads: [workload("reviews-v1", ["reviews-v1-0"])] };
  const table = await ask(["status"], answers);
  expect(table.out).toContain("Health    degraded: 1 of 2 proxies in sync; waiting for reviews-v1-0\n");
  expect(table.out).toMatch(/^default +reviews-v1 +sidecar +1\/1 +healthy +12\.3 +0\.0% +8\.2 ms$/m);
  const json = await ask(["status", "-o", "json"], answers);
  expect(JSON.parse(json.out)).toMatchObject({
    apiVersion: "cli.weft.dev/v1",
    kind: "MeshStatus",
    mesh: { name: "bookinfo" },
  });
  expect(json.err).toBe("");
});

describe("get", () => {
  test("a kind by its short name, with what is wrong and where it is written", async () => {
    const { out, code } = await ask(["get", "vs"], { config });
    expect(code).toBe(0);
    expect(out).toMatch(/^default +VirtualService +reviews +√ +2\/2 +reviews\.yaml:1:1$/m);
    expect(out).toMatch(/^default +VirtualService +ratings +× 1 error +2\/2/m);
    expect(out).not.toContain("Deployment");
  });

  test("one object with -o yaml is its own text, comments included", async () => {
    const { out } = await ask(["get", "vs/reviews", "-o", "yaml"], { config });
    expect(out).toBe(config[0]?.yaml);
  });

  test("several objects come in the envelope", async () => {
    const { out } = await ask(["get", "vs", "-o", "json"], { config });
    const list = JSON.parse(out) as { kind: string; items: { metadata: { name: string } }[] };
    expect([list.kind, list.items.map((i) => i.metadata.name)]).toEqual(["ObjectList", ["reviews", "ratings"]]);
  });

  test("what is not there ends with 4; a kind that is none with 64 and a suggestion", async () => {
    expect((await ask(["get", "vs", "nosuch"], { config })).code).toBe(4);
    const kind = await ask(["get", "virtualservics"], { config });
    expect(kind.code).toBe(64);
    expect(kind.err).toContain("did you mean virtualservices?");
  });

  test("-o name can be given back to delete", async () => {
    const { out } = await ask(["get", "vs", "-o", "name"], { config });
    expect(out).toBe("virtualservice.networking.istio.io/reviews\nvirtualservice.networking.istio.io/ratings\n");
  });
});

describe("proxies", () => {
  const refused = { state: "ERROR", sent: 2, acked: 1, error: "bad cluster", origins: ["a.yaml:3:1"] } as const;
  const proxies = {
    items: [proxy("reviews-v1-0.default"), proxy("a-0.shop", { types: { CDS: refused } }), proxy("a-0.default")],
  };

  test("ps shows each type's state, and refusals with Envoy's words and the YAML", async () => {
    const { out, err } = await ask(["ps"], { proxies });
    expect(out).toMatch(/^NAME +CLUSTER +CDS +LDS +EDS +RDS +SRDS +SDS +VERSION$/m);
    expect(out).toMatch(/^reviews-v1-0\.default +Kubernetes +SYNCED .* +NOT SENT +1\.40\.0$/m);
    expect(err).toBe("error: a-0.shop refused CDS: a.yaml:3:1: bad cluster\n");
  });

  test("proxy-config cluster: istioctl's columns, filters, and the place in the YAML", async () => {
    const dumps = { "reviews-v1-0.default/cluster": clusters };
    const { out, err } = await ask(["pc", "cluster", "reviews-v1-0"], { proxies, dumps });
    expect(out).toMatch(/^ratings\.default\.svc\.cluster\.local +9080 +v1 +outbound +EDS +ratings\.yaml:20:1$/m);
    expect(out).toMatch(/^BlackHoleCluster +- +- +- +STATIC +-$/m);
    expect(err).toContain("Envoy refused outbound|80||a.default.svc.cluster.local (a.yaml:1:1): no such thing");
    const filtered = await ask(["pc", "c", "reviews-v1-0", "--fqdn", "ratings", "-o", "json"], { proxies, dumps });
    const list = JSON.parse(filtered.out) as { kind: string; items: { name: string }[] };
    expect([list.kind, list.items.length, list.items[0]?.name]).toEqual([
      "ClusterList",
      1,
      clusters.resources[0]?.name,
    ]);
  });

  test("a pod's name that two namespaces have needs one; a name that is none ends with 4", async () => {
    const twice = await ask(["pc", "cluster", "a-0"], { proxies });
    expect(twice.code).toBe(3);
    expect(twice.err).toContain("a-0.shop, a-0.default");
    expect((await ask(["pc", "cluster", "nosuch"], { proxies })).code).toBe(4);
  });
});

describe("logs", () => {
  const workloads = [
    workload("reviews-v1", ["reviews-v1-0", "reviews-v1-1"]),
    workload("ratings-v1", ["ratings-v1-0"]),
  ];
  const logs = {
    "reviews-v1-0.default?container=application": "one\ntwo\n",
    "reviews-v1-1.default?container=application": "three\nfour",
    "ratings-v1-0.default?container=proxy&tail=5": "envoy\n",
  };

  test.each(["deployment/reviews-v1", "reviews-v1", "reviews", "service/reviews"])(
    "%s: each line says whose it is",
    async (target) => {
      const { out, code } = await ask(["logs", target], { workloads, logs, config });
      expect(code).toBe(0);
      expect(out).toBe(
        "reviews-v1-0.default | one\nreviews-v1-0.default | two\nreviews-v1-1.default | three\nreviews-v1-1.default | four\n",
      );
    },
  );

  test("a pod's own lines are as they were written", async () => {
    const { out } = await ask(["logs", "ratings-v1-0", "-c", "proxy", "--tail", "5"], { workloads, logs, config });
    expect(out).toBe("envoy\n");
  });

  test("a name that is none names the nearest", async () => {
    const { code, err } = await ask(["logs", "ratngs-v1"], { workloads, logs, config });
    expect(code).toBe(4);
    expect(err).toContain("did you mean ratings-v1");
  });
});

test("analyze without files asks the running mesh, in istioctl's format with -o json", async () => {
  const diagnostics = [
    {
      code: "IST0109",
      level: "Error",
      origin: "VirtualService default/reviews",
      at: "reviews.yaml:8:7",
      message: "The VirtualServices a,b ... into a single resource",
      fix: "merge them",
    },
  ] as const;
  const log = await ask(["analyze"], { diagnostics });
  expect(log.code).toBe(2);
  expect(log.out).toBe(
    "reviews.yaml:8:7 error IST0109 The VirtualServices a,b ... into a single resource; merge them (VirtualService default/reviews)\n",
  );
  const json = await ask(["analyze", "-o", "json", "--exit-code", "79"], { diagnostics });
  expect(json.code).toBe(79);
  expect(JSON.parse(json.out)).toEqual([
    {
      code: "IST0109",
      documentationUrl: "https://istio.io/latest/docs/reference/config/analysis/ist0109/",
      level: "Error",
      message: "The VirtualServices a,b ... into a single resource.",
      origin: "VirtualService default/reviews",
      reference: "reviews.yaml:8",
    },
  ]);
  const suppressed = await ask(["analyze", "-S", "IST0109=VirtualService reviews.default"], { diagnostics });
  expect({ code: suppressed.code, out: suppressed.out }).toEqual({ code: 0, out: "" });
});

test("down asks the mesh to stop and waits until its process is gone", async () => {
  let alive = true;
  plane = await serve({
    shutdown: () => {
      alive = false;
      return { stopping: true };
    },
  });
  const folder = registryDir({}, home);
  enterMesh(folder, { name: "bookinfo", dir: "/x", server: plane.url, token: "right", pid: 1, startedAt: 1 });
  const processes = { alive: () => alive, stop: () => {} };
  const { code, err } = await runIt(["down"], { home, processes });
  expect({ code, err }).toEqual({ code: 0, err: "Stopping bookinfo ...\nStopped bookinfo.\n" });
  expect(runningMeshes(folder, processes.alive)).toEqual([]);
  expect((await runIt(["down"], { home, processes })).err).toBe("No mesh runs on this machine.\n");
});

test("version compares this program, the control plane and the proxies", async () => {
  const answer = {
    version: "0.3.0",
    envoyVersion: "1.40.0",
    proxies: [
      { id: "a", envoyVersion: "1.40.0" },
      { id: "b", envoyVersion: "1.40.0" },
    ],
  };
  const { out, err } = await ask(["version"], { version: answer });
  expect(out).toBe("client version: 0.1.0\ncontrol plane version: 0.3.0\ndata plane version: 1.40.0 (2 proxies)\n");
  expect(err).toContain("different versions (0.1.0 and 0.3.0)");
});

describe("a control plane that asks for a login", () => {
  const refused = { status: 401, body: { error: "this control plane tells of its mesh to those who have logged in" } };

  test("a token comes from a file, and without one a sentence says how to give it", async () => {
    const file = join(home, "token");
    writeFileSync(file, "of-the-file\n");
    const seen: (string | undefined)[] = [];
    const server = createHttpServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(refused.status, { "content-type": "application/json" }).end(JSON.stringify(refused.body));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const at = ["status", "--server", `http://127.0.0.1:${(server.address() as { port: number }).port}`];
    const plain = await runIt(at, { home, cwd: home });
    expect([plain.code, plain.err]).toEqual([
      5,
      expect.stringMatching(/logged in[\s\S]*--token-file FILE, or WEFT_TOKEN/),
    ]);
    const given = await runIt([...at, "--token-file", file], {
      home,
      cwd: home,
      env: { WEFT_TOKEN: "of-the-environment" },
    });
    expect(given.err).toContain("ask whoever runs this mesh for one that it takes");
    expect([seen[0], seen.at(-1)]).toEqual([undefined, "Bearer of-the-file"]);
    const missing = await runIt([...at, "--token-file", join(home, "none")], { home, cwd: home });
    expect(missing.err).toContain("none cannot be read");
    writeFileSync(file, "two words");
    expect((await runIt([...at, "--token-file", file], { home, cwd: home })).err).toContain("there is no token in it");
    server.close();
  });
});

test("weft audit lists who tried to change what, the latest first, and only what is asked for", async () => {
  const base = { how: "token", from: "10.0.0.9", method: "POST", path: "/api/v1/certificates/rotate" };
  const records = [
    { ...base, at: 2000, who: "ann", status: 200, objects: ["Sidecar shop/x: created"] },
    { ...base, at: 1000, who: "", status: 401, objects: [] },
  ];
  const server = createHttpServer((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ records })),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const at = ["audit", "--server", `http://127.0.0.1:${(server.address() as { port: number }).port}`];
  const { out } = await runIt(at, { home, cwd: home });
  expect(
    out
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ["1970-01-01T00:00:02Z", "ann", "10.0.0.9", "200", "Sidecar shop/x: created"],
    ["1970-01-01T00:00:01Z", "nobody", "10.0.0.9", "401", "certificates/rotate"],
  ]);
  expect((await runIt([...at, "--outcome", "not", "-o", "json"], { home, cwd: home })).out).not.toContain("ann");
  expect((await runIt([...at, "--who", "bob"], { home, cwd: home })).err).toContain(
    "nobody tried to change anything like that",
  );
  server.close();
});
