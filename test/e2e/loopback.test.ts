import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ask, figure, until } from "./ask.ts";
import { leftovers } from "./leftovers.ts";
import { isRoot, Product, sample } from "./product.ts";

let product: Product | undefined;

afterEach(async () => {
  await product?.close();
  product = undefined;
});

/** Without root there is but the one who runs the test. */
const users = isRoot ? [{ who: "root" }, { who: "nobody", uid: 65534 }] : [{ who: "who runs this" }];

describe.each(users)("weft up with loopback addresses as $who", ({ who, uid }) => {
  it("serves Bookinfo over mTLS, obeys routes and policies, carries bytes, and leaves nothing", {
    timeout: 240_000,
  }, async () => {
    const mesh = new Product({ port: uid === undefined ? 27_100 : 27_110, ...(uid === undefined ? {} : { uid }) });
    product = mesh;
    mesh.env["WEFT_MODE"] = "loopback";
    figure(`from weft up to the first 200, loopback (${who})`, (await mesh.up()) / 1000, "s");
    const said = mesh.running.output();
    expect(said).toContain("WEFT_MODE=loopback is set: applications listen on loopback addresses");
    expect(said).toContain("find no other workload");
    const id = mesh.meshId() as string;
    const pods = addresses(mesh);

    await until("reviews of all versions and their ratings were seen", seen(mesh, [/v1-/, /v2-/, /v3-/]));
    await until("the graph shows nothing but mTLS between workloads", async () => {
      await ask(mesh.page);
      const { edges } = await mesh.api<{ edges: readonly Edge[] }>("graph");
      const pairs = ["productpage-v1>details-v1", "productpage-v1>reviews-v2", "reviews-v2>ratings-v1"];
      return pairs.every((pair) => edges.some((e) => pairOf(e) === pair && e.mtlsShare === 1));
    });

    await mesh.weft("apply", `${sample}/exercises/reviews-90-10.yaml`);
    await until("no reviews of v3 come any more", async () => {
      const versions = await versionsOf(mesh, 10);
      return !versions.includes("v3");
    });
    const versions = await versionsOf(mesh, 100);
    const canary = versions.filter((v) => v === "v2").length;
    // Ten are expected; each bound is wrong once in 30,000 runs or less.
    expect(canary).toBeGreaterThanOrEqual(1);
    expect(canary).toBeLessThanOrEqual(26);
    expect(versions).not.toContain("v3");

    const direct = () => ask(`http://${pods.get("details-v1")}:9080/details/0`).catch(() => undefined);
    // Its policy asks for an identity.
    expect((await direct())?.status).toBe(403);
    await mesh.weft("apply", `${sample}/exercises/strict-mtls.yaml`);
    await until("plain text is refused", async () => (await direct()) === undefined);
    expect((await ask(mesh.page)).body).toContain("George Eliot");

    await mesh.weft("apply", `${sample}/mariadb/mariadb.yaml`);
    const asked = pods.get("ratings-v1") as string;
    let greeting = "";
    await until("the database greets through CONNECT", async () => {
      greeting = await firstBytes(asked, "mysqldb:3306").catch(() => "");
      return greeting.includes("MariaDB");
    });
    expect(greeting).toContain("mysql_native_password");

    expect(await mesh.interrupt()).toBe(130);
    expect(leftovers(id, mesh.dir)).toEqual([]);
  });
});

/** Runs a command where the kernel refuses new network and user namespaces, as a locked-down machine does. */
const lockedDown = [
  ...["unshare", "--user", "--map-root-user", "sh", "-c"],
  'for what in net user; do echo 0 > /proc/sys/user/max_"$what"_namespaces; done; exec "$@"',
  "sh",
];

it("chooses loopback addresses by itself where namespaces are refused", { timeout: 120_000 }, async () => {
  const mesh = new Product({ port: 27_120, within: lockedDown });
  product = mesh;
  await mesh.up();
  expect(mesh.running.output()).toContain("network namespaces are refused here");
  expect((await ask(mesh.page)).body).toContain("George Eliot");
  expect(await mesh.interrupt()).toBe(130);
});

describe("a proxy that is asked", () => {
  it("knows names as a resolver would, follows outboundTrafficPolicy, and does not ask itself", {
    timeout: 120_000,
  }, async () => {
    const mesh = new Product({ port: 27_130 });
    product = mesh;
    mesh.env["WEFT_MODE"] = "loopback";
    const meshConfig = mesh.write("mesh.yaml", "outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n");
    const running = mesh.begin([sample], ["--mesh-config", meshConfig]);
    const ready = async () => (await ask(mesh.page).catch(() => undefined))?.status === 200;
    await until("the page answers 200", ready, running.output);
    const proxy = addresses(mesh).get("productpage-v1") as string;
    const name = "details.default.svc.cluster.local";
    // The page answers without details too.
    const details = async () => (await through(proxy, "http://details:9080/health")).status === 200;
    await until("details answers", details, running.output);
    for (const host of ["details", "details.default", "details.default.svc", name, `${name}.`, "DETAILS"])
      expect([host, (await through(proxy, `http://${host}:9080/health`)).status]).toEqual([host, 200]);
    expect(await through(proxy, "http://details:9081/")).toMatchObject({
      status: 502,
      body: expect.stringContaining("outboundTrafficPolicy is REGISTRY_ONLY"),
    });
    expect((await through(proxy, "http://example.com:9080/")).status).toBe(502);
    await expect(firstBytes(proxy, "example.com:443")).rejects.toThrow("502");
    expect((await through(proxy, `http://${proxy}:15001/`)).status).toBe(508);
    await mesh.weft("apply", mesh.write("pods.yaml", headless));
    const pods = () => through(proxy, "http://details-pods:9080/details/0");
    await until("a headless service leads to its Pods", async () => (await pods()).status === 200);
    const pod = /"podname":"([^"]+)"/.exec((await pods()).body)?.[1];
    expect((await through(proxy, `http://${pod}.details-pods:9080/details/0`)).status).toBe(200);
    // A Pod of it that calls itself by this name gets as far as its own policy, which does not name it.
    const own = addresses(mesh).get("details-v1") as string;
    expect((await through(own, "http://details-pods:9080/details/0")).status).toBe(403);
  });
});

const headless = `apiVersion: v1
kind: Service
metadata: {name: details-pods}
spec: {clusterIP: None, selector: {app: details}, ports: [{name: http, port: 9080}]}
`;

interface Edge {
  readonly source: string;
  readonly target: string;
  readonly mtlsShare: number;
}

function pairOf({ source, target }: Edge): string {
  return `${source.split("/").at(-1)}>${target.split("/").at(-1)}`;
}

/** Deployment → address of its Pod. */
function addresses(mesh: Product): ReadonlyMap<string, string> {
  const pods = join(mesh.stateDir, "pods");
  const found = readdirSync(pods).flatMap((namespace) =>
    readdirSync(join(pods, namespace)).map((pod) => {
      const file = join(pods, namespace, pod, "proxy", "bootstrap.json");
      const { node } = JSON.parse(readFileSync(file, "utf8")) as {
        node: { id: string; metadata: Record<string, string> };
      };
      return [node.metadata["WORKLOAD_NAME"] ?? "", node.id.split("~")[1] ?? ""] as const;
    }),
  );
  return new Map(found);
}

function seen(mesh: Product, versions: readonly RegExp[]): () => Promise<boolean> {
  const bodies: string[] = [];
  return async () => {
    const { status, body } = await ask(mesh.page);
    expect(status).toBe(200);
    bodies.push(body);
    const reviews = bodies.map((b) => /reviews-(v\d-)/.exec(b)?.[1] ?? "");
    return versions.every((v) => reviews.some((r) => v.test(r))) && bodies.some((b) => b.includes("ratings-v1-"));
  };
}

/** Which version of reviews answered each of some pages. */
async function versionsOf(mesh: Product, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const { status, body } = await ask(mesh.page);
    expect(status).toBe(200);
    found.push(/reviews-(v\d)-/.exec(body)?.[1] ?? "none");
  }
  return found;
}

/** A request in absolute form. */
function through(proxy: string, url: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(url);
    const named = /^http:\/\/([^/]*)/.exec(url)?.[1] ?? host;
    const sent = request(
      { host: proxy, port: 15001, path: url, headers: { host: named }, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    sent.on("error", reject).end();
  });
}

/** What the other side of a CONNECT says first. Rejects with the status where the proxy refuses. */
function firstBytes(proxy: string, to: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: proxy, port: 15001, method: "CONNECT", path: to, agent: false });
    sent.on("connect", (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return reject(new Error(`${response.statusCode}`));
      }
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("closed before it said anything")));
      const done = (bytes: Buffer) => {
        resolve(bytes.toString("latin1"));
        socket.destroy();
      };
      if (head.length > 0) done(head);
      else socket.once("data", done);
    });
    sent.on("response", (response) => reject(new Error(`${response.statusCode}`)));
    sent.on("error", reject).end();
  });
}
