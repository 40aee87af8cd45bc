import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ProxySummary } from "../../../src/api/cli-contract.ts";
import { type CliRun, type RunOptions, runIt } from "../../../src/cli/cli.fixture.ts";
import { apply, eventually, kubectl, podOf } from "./bed.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command as a user of the cluster runs it, in this process. */
const run = (argv: readonly string[], options: RunOptions = {}): Promise<CliRun> =>
  runIt(argv, { env: { KUBECONFIG: process.env["KUBECONFIG"] }, cwd: folder, ...options });
const ok = async (...argv: string[]): Promise<string> => {
  const { code, out, err } = await run(argv);
  expect({ argv, code, err }).toMatchObject({ code: 0 });
  return out;
};
const named = async (selector: string) => (await podOf("default", selector)).metadata.name;
const reviews = () => named("app=reviews,version=v1");

describe("the mesh as a whole", () => {
  it("proxy-status has every proxy once, whichever replica serves it", async () => {
    const proxies = async () => JSON.parse(await ok("ps", "-A", "-o", "json")).items as readonly ProxySummary[];
    const pods = (await kubectl(["get", "pods", "-l", "security.istio.io/tlsMode=istio", "-o", "name"]))
      .trim()
      .split("\n");
    await eventually("all proxies are told of and in sync", async () => {
      const own = (await proxies()).filter((p) => p.namespace === "default" && p.connected);
      const isSynced = own.every((p) =>
        ["CDS", "LDS", "EDS", "RDS"].every((type) => p.types[type]?.state === "SYNCED"),
      );
      return isSynced && own.length === pods.length && new Set(own.map((p) => p.id)).size === own.length;
    });
    expect(await ok("proxy-status")).toContain("CONTROL PLANE");
  });

  it("version counts control planes and proxies", async () => {
    const { controlPlanes, proxies } = JSON.parse(await ok("version", "-o", "json"));
    expect(controlPlanes).toEqual([expect.objectContaining({ revision: "default", replicas: 2 })]);
    expect(proxies.length).toBeGreaterThan(4);
  });

  it("check finds all well", async () => {
    await eventually("all is well", async () => (await run(["check", "--proxy", "-n", "default"])).code === 0);
    const results = JSON.parse(await ok("check", "-o", "json")).items as readonly { outcome: string }[];
    expect(results.map(({ outcome }) => outcome)).not.toContain("failed");
    expect(await ok("check", "--pre")).toContain("√ may create namespaces");
  });

  it("get counts the proxies of all replicas", async () => {
    expect(await ok("get", "dr", "-n", "default")).toContain("DestinationRule");
  });
});

describe("one proxy", () => {
  it("has what was sent", async () => {
    const name = await reviews();
    await eventually("nothing differs", async () => {
      const out = await ok("ps", `${name}.default`);
      return ["Clusters", "Listeners", "Routes", "Endpoints"].every((kind) => out.includes(`${kind} match`));
    });
  });

  it("shows its configuration, live, without private keys", async () => {
    const name = await reviews();
    expect(await ok("pc", "cluster", "deploy/reviews-v1", "--fqdn", "ratings")).toMatch(/ratings\.default\S+ +9080 /);
    expect(await ok("pc", "listener", `${name}.default`)).toContain("ADDRESSES");
    expect(await ok("pc", "route", name)).toContain("VHOST NAME");
    expect(await ok("pc", "endpoint", name, "--port", "9080")).toContain("HEALTHY");
    expect(await ok("pc", "secret", name)).toMatch(/default +Cert Chain +true/);
    expect(await ok("pc", "secret", name, "-o", "json")).not.toContain("PRIVATE KEY");
    expect(await ok("pc", "cluster", name, "--source", "sent", "-o", "json")).toContain('"apiVersion"');
    const all = JSON.parse(await ok("pc", "all", name, "-o", "json"));
    expect(Object.keys(all)).toEqual(expect.arrayContaining(["bootstrap", "cluster", "listener", "ecds"]));
  });

  it("changes how much it logs, and back", async () => {
    const name = await reviews();
    expect(await ok("pc", "log", name, "--level", "rbac:debug")).toContain("rbac: debug");
    expect(await ok("pc", "log", name, "--reset")).toContain("rbac: warning");
  });

  it("logs: of the application, of the proxy, followed until Ctrl-C", async () => {
    expect(await ok("logs", "deploy/reviews-v1")).toContain("listens");
    expect((await run(["logs", await reviews(), "-c", "nobody"])).err).toContain("it has: ");
    const ctrlC = new AbortController();
    const followed = run(["logs", "service/reviews", "-f", "--tail", "1"], { interrupted: ctrlC.signal });
    setTimeout(() => ctrlC.abort(), 1000);
    expect((await followed).code).toBe(130);
  });

  it("is described, with what applies and what is wrong", async () => {
    const story = JSON.parse(await ok("describe", "pod", "deploy/reviews-v1", "-o", "json"));
    expect(story).toMatchObject({ proxy: "proxy ready", mtls: { mode: expect.any(String) } });
    expect(story.services.map((one: { service: string }) => one.service)).toEqual(["default/reviews"]);
    expect(await ok("x", "describe", "svc", "reviews")).toMatch(/Service default\/reviews\n {2}Port 9080 http/);
  });

  it("check-inject says why", async () => {
    expect((await run(["check-inject", "deploy/reviews-v1"])).err).toContain("has a proxy.");
    const { out } = await run(["x", "check-inject", "deploy/weft", "-n", "istio-system"]);
    expect(out).toContain("sidecar.istio.io/inject=false");
  });
});

describe("dashboard", () => {
  it("leads to the console, and to another replica when its Pod goes", async () => {
    const ctrlC = new AbortController();
    let url = "";
    const write = (text: string) => {
      url ||= text.trim();
    };
    const open = run(["dashboard", "--browser=false"], { interrupted: ctrlC.signal, onOut: write });
    await eventually("its address is told", async () => url !== "");
    const asked = async () => (await fetch(`${url}/api/v1/version`)).status;
    expect(await asked()).toBe(200);
    await kubectl([
      "delete",
      "pod",
      "-n",
      "istio-system",
      "-l",
      "app=weft",
      "--field-selector",
      `metadata.name=${await first()}`,
    ]);
    await eventually("it leads to another", async () => (await asked().catch(() => 0)) === 200);
    ctrlC.abort();
    expect((await open).code).toBe(0);
  });

  const first = async () =>
    (
      await kubectl(["get", "pods", "-n", "istio-system", "-l", "app=weft", "-o", "jsonpath={.items[0].metadata.name}"])
    ).trim();
});

it("bug-report has logs, objects and dumps, and none of the secrets that were planted", async () => {
  const canary = "CANARY-51c0de";
  await apply([
    { apiVersion: "v1", kind: "Secret", metadata: { name: "cli-canary" }, stringData: { password: canary } },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "cli-canary" },
      spec: {
        hosts: ["canary.example"],
        http: [
          {
            headers: { request: { set: { authorization: `Bearer ${canary}` } } },
            route: [{ destination: { host: "reviews" } }],
          },
        ],
      },
    },
  ]);
  try {
    const file = (await ok("bug-report", "--include", "default", "-o", "report.tar.gz")).trim();
    execFileSync("tar", ["xzf", file], { cwd: folder });
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(json|log|txt)$/.test(name),
    );
    const texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
    expect(texts.some((text) => text.includes("cli-canary"))).toBe(true);
    expect(
      texts.filter((text) => text.includes(canary) || text.includes(Buffer.from(canary).toString("base64"))),
    ).toEqual([]);
    expect(texts.filter((text) => text.includes("PRIVATE KEY") && !text.includes("[redacted]"))).toEqual([]);
    for (const part of [
      /config_dump\.json$/,
      /proxy\.log$/,
      /control-plane\/weft-.*\.log$/,
      /proxy-status\.json$/,
      /events\.json$/,
    ])
      expect(files.filter((name) => part.test(name))).not.toEqual([]);
  } finally {
    await kubectl(["delete", "virtualservice/cli-canary", "secret/cli-canary"]);
  }
});

it("what is for a machine's mesh says what to use here", async () => {
  expect(await run(["apply", "-f", "-"], { stdin: "" })).toMatchObject({
    code: 64,
    err: expect.stringContaining("kubectl --context"),
  });
  expect((await run(["status"])).err).toContain("weft check --proxy");
});
