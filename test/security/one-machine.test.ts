import { spawnSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, until } from "../e2e/ask.ts";
import { isRoot, Product } from "../e2e/product.ts";

const product = new Product({ port: 29_320 });
const { console: consolePort } = product.ports;

const deployment = (name: string) => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}, annotations: {weft.dev/run: "node -e \\"require('http').createServer((q, s) => s.end('hello')).listen(8080)\\""}}
    spec: {containers: [{name: ${name}, image: none, ports: [{containerPort: 8080}]}]}
`;

beforeAll(async () => {
  product.write("mesh/mesh.yaml", deployment("one") + deployment("two"));
  const running = product.begin([join(product.dir, "mesh")]);
  await until("the mesh is up", () => running.output().includes("Ctrl-C stops it"), running.output, 90_000);
}, 120_000);
// Named after the folder that it is made of.
const stateDir = join(product.stateDir, "..", "mesh");

afterAll(() => product.close(), 60_000);

interface HostState {
  readonly id: string;
  readonly range: string;
  readonly pods: readonly { readonly workload: string; readonly holder: { readonly pid: number } }[];
}

function host(): HostState {
  return JSON.parse(readFileSync(join(stateDir, "host.json"), "utf8")) as HostState;
}

/** Everything below a folder, itself first. */
function below(path: string): readonly string[] {
  if (!lstatSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path).flatMap((name) => below(join(path, name)))];
}

/** Folders of a mesh: its state, with all of the user's meshes; and where sockets lie, if that is elsewhere. */
function everything(): readonly string[] {
  const sockets = readdirSync(tmpdir()).filter((name) => name === `weft-${host().id}`);
  return [...below(join(stateDir, "..")), ...sockets.flatMap((name) => below(join(tmpdir(), name)))];
}

/** Runs a program of Node's as another user of the machine, or in a workload's place; answers what it prints. */
function run(before: readonly string[], script: string, input = ""): string {
  const [program = process.execPath, ...rest] = before.length === 0 ? [] : [...before, process.execPath];
  const args = [...rest, "--input-type=module", "-e", script];
  const { stdout, stderr, status } = spawnSync(program, args, { input, encoding: "utf8", cwd: "/" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

function inside(workload: string): readonly string[] {
  const pid = host().pods.find((pod) => pod.workload === workload)?.holder.pid;
  return ["nsenter", "-t", String(pid), ...(isRoot ? [] : ["-U", "--preserve-credentials"]), "-n", "--"];
}

describe("files and sockets of a mesh", () => {
  test("belong to its user alone: folders 0700, files 0600", () => {
    const open = everything().filter((path) => {
      // Seen in a Pod's own place as /etc has them: by the application's user, who may be another.
      return !/\/(hosts|resolv\.conf)$/.test(path) && (lstatSync(path).mode & 0o077) !== 0;
    });
    expect(everything().length).toBeGreaterThan(20);
    expect(open.map((path) => `${path} ${(lstatSync(path).mode & 0o777).toString(8)}`)).toEqual([]);
  });

  test.runIf(isRoot)(
    "another user of the machine reads none of them, writes none, and is answered at no socket",
    () => {
      const script = `
      import { accessSync, constants, readFileSync } from "node:fs";
      import { connect } from "node:net";
      const paths = JSON.parse(readFileSync(0, "utf8"));
      const got = [];
      for (const path of paths) for (const how of ["R_OK", "W_OK"]) try { accessSync(path, constants[how]); got.push(how + " " + path); } catch {}
      for (const path of paths.filter((path) => path.endsWith(".sock")))
        await new Promise((resolve) => connect(path).on("connect", () => { got.push("connected " + path); resolve(); }).on("error", resolve));
      console.log(JSON.stringify(got));
      process.exit();`;
      const paths = everything();
      expect(paths.filter((path) => path.endsWith(".sock")).length).toBeGreaterThan(1);
      expect(JSON.parse(run(asNobody, script, JSON.stringify(paths)))).toEqual([]);
    },
  );
});

const fetching = (url: string, options = "{}") => `
  const answer = await fetch(${JSON.stringify(url)}, { ...${options}, signal: AbortSignal.timeout(3000) }).catch((error) => error);
  console.log(answer.status ?? "unreachable");`;

describe("the API on this machine", () => {
  const api = `http://127.0.0.1:${consolePort}/api/v1/`;

  test("its user sees the mesh, and may not change it without the token", async () => {
    expect((await ask(`${api}workloads`)).status).toBe(200);
    expect(run([], fetching(`${api}shutdown`, `{ method: "POST" }`))).toBe("401");
  });

  test.runIf(isRoot)("another user sees nothing of it", () => {
    for (const path of ["workloads", "config", "proxies", "graph", "events"])
      expect(`${path} ${run(asNobody, fetching(api + path))}`).toBe(`${path} 401`);
    expect(run(asNobody, fetching(`http://127.0.0.1:${consolePort}/metrics`))).toBe("401");
    expect(run(asNobody, fetching(`${api}shutdown`, `{ method: "POST" }`))).toBe("401");
  });

  test("a workload reaches neither it nor another's admin interface, but its own control plane's one port", () => {
    const { range } = host();
    const gateway = range.replace(/\.\d+\/\d+$/, ".1");
    const reached = (port: number, address: string) => `
      import { connect } from "node:net";
      const socket = connect(${port}, ${JSON.stringify(address)});
      socket.setTimeout(3000, () => { console.log("closed"); process.exit(); });
      socket.on("connect", () => { console.log("open"); process.exit(); }).on("error", () => console.log("closed"));`;
    expect(run(inside("one"), reached(consolePort, "127.0.0.1"))).toBe("closed");
    expect(run(inside("one"), fetching(`http://${gateway}:${consolePort}/api/v1/workloads`))).toMatch(
      /unreachable|50./,
    );
    expect(run(inside("one"), reached(15_000, "127.0.0.1"))).toBe("open");
    const other = run(
      [],
      `
      const all = await (await fetch("${api}workloads")).json();
      console.log(all.find((one) => one.name === "two").proxies[0].address);`,
    );
    expect(run(inside("one"), fetching(`http://${other}:15000/config_dump`))).toMatch(/unreachable|50./);
    expect(run(inside("one"), reached(15_012, gateway))).toBe("open");
  });
});
