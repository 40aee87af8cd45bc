import { deepStrictEqual, ok } from "node:assert";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type GatewayBed, gatewayBed } from "../proxy/gateway-bed.ts";
import { each, exchange, statuses } from "./raw-http.ts";

// One host in many spellings: routes, policies and servers mean the same one.

let bed: GatewayBed;

const mesh = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: admin}
spec:
  hosts: [admin.test]
  gateways: [istio-system/front]
  http: [{headers: {request: {set: {x-route: admin}}}, route: [{destination: {host: app.mesh}}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: hosts, namespace: istio-system}
spec: {action: DENY, rules: [{to: [{operation: {hosts: [admin.test]}}], when: [{key: "request.headers[x-judge]", values: ["yes"]}]}]}`;

beforeAll(async () => {
  bed = await gatewayBed();
  await bed.take(mesh);
});
afterAll(() => bed?.stop());

interface Seen {
  readonly status: number | undefined;
  readonly host?: string;
  readonly route?: string;
}

async function ask(target: string, hosts: readonly string[], judge: boolean): Promise<Seen> {
  const lines = hosts.map((host) => `Host: ${host}\r\n`).join("");
  const judged = judge ? "X-Judge: yes\r\n" : "";
  const request = `GET ${target} HTTP/1.1\r\n${lines}${judged}Connection: close\r\n\r\n`;
  const answer = await exchange({ host: bed.ip, port: 8080 }, request);
  const [status] = statuses(answer);
  if (status !== 200) return { status };
  const headers = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n{") + 4)) as Record<string, string>;
  return { status, host: headers["host"] ?? "", route: headers["x-route"] ?? "rest" };
}

/** Which host a server takes it for. */
const meant = (host: string) =>
  host
    .toLowerCase()
    .replace(/^[^@]*@/, "")
    .replace(/:\d*$/, "")
    .replace(/\.$/, "");

const spellings = [
  ...[
    "admin.test",
    "ADMIN.TEST",
    "Admin.Test",
    "admin.test.",
    "ADMIN.test.",
    "admin.test..",
    "admin.test:80",
    "admin.test:8080",
  ],
  ...[
    "admin.test:65535",
    "admin.test.:80",
    "Admin.Test.:443",
    "admin.test:",
    "admin.test:0080",
    "admin.test:99999",
    "admin.test:x",
  ],
  ...[
    "user@admin.test",
    "shop.test@admin.test",
    "admin.test@shop.test",
    "admin.test/",
    "admin.test?",
    "admin.test#",
    "admin.test\\",
  ],
  ...[
    "admin.test,shop.test",
    "shop.test,admin.test",
    "admin.test shop.test",
    " admin.test",
    "admin.test\t",
    "adm\u00a1n.test",
  ],
  ...[
    "xn--admin-.test",
    "%61dmin.test",
    "admin%2etest",
    "admin\u3002test",
    "[::1]",
    "[::ffff:127.0.0.1]:80",
    "127.0.0.1",
    "",
    ".",
  ],
];
const requests: readonly (readonly [target: string, hosts: readonly string[]])[] = [
  ...spellings.map((host) => ["/", [host]] as const),
  ...spellings.map((host) => [`http://${host.trim()}/`, ["shop.test"]] as const),
  ["http://shop.test/", ["admin.test"]],
  ["http://admin.test:80/", ["shop.test"]],
  ["https://admin.test/", ["shop.test"]],
  ["//admin.test/", ["shop.test"]],
  ["/", ["shop.test", "admin.test"]],
  ["/", ["admin.test", "shop.test"]],
  ["/", ["admin.test", "admin.test"]],
  ["/", []],
];

describe("a gateway", () => {
  test("routes by the host that the server sees, or refuses", async () => {
    const wrong: string[] = [];
    let admin = 0;
    await each(requests, async ([target, hosts]) => {
      const seen = await ask(target, hosts, false);
      if (seen.status !== 200) return;
      if (seen.route === "admin") admin++;
      if ((seen.route === "admin") !== (meant(seen.host ?? "") === "admin.test"))
        wrong.push(`${target} ${hosts.join(" + ")}: ${JSON.stringify(seen)}`);
    });
    deepStrictEqual(wrong, []);
    ok(admin > 10, `${admin} were led to it`);
  });

  test("lets nobody reach a host that a policy denies", async () => {
    const through: string[] = [];
    await each(requests, async ([target, hosts]) => {
      const seen = await ask(target, hosts, true);
      if (seen.status === 200 && meant(seen.host ?? "") === "admin.test")
        through.push(`${target} ${hosts.join(" + ")}: ${JSON.stringify(seen)}`);
    });
    deepStrictEqual(through, []);
  });

  test.each([
    ["two Hosts", "/", ["shop.test", "admin.test"]],
    ["the same Host twice", "/", ["shop.test", "shop.test"]],
    ["no Host", "/", []],
    ["a Host with a space", "/", ["a b"]],
    ["a Host with a slash", "/", ["shop.test/admin"]],
    ["a Host with bytes beyond ASCII", "/", ["adm\u00a1n.test"]],
  ])("refuses %s", async (_, target, hosts) => {
    deepStrictEqual(await ask(target, hosts, false), { status: 400 });
  });

  test("the target counts where it names a host", async () => {
    deepStrictEqual(await ask("http://admin.test/", ["shop.test"], false), {
      status: 200,
      host: "admin.test",
      route: "admin",
    });
    deepStrictEqual(await ask("http://shop.test/", ["admin.test"], true), {
      status: 200,
      host: "shop.test",
      route: "rest",
    });
  });

  test.each([
    "shop.test",
    "SHOP.test:8080",
    "shop.test.",
    "a_b.test",
    "xn--bcher-kva.test",
    "127.0.0.1:8080",
    "[::1]:8080",
  ])("takes %s", async (host) => deepStrictEqual((await ask("/", [host], true)).status, 200));
});
