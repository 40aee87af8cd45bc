import { once } from "node:events";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { newFolder, open, recordingLog } from "../ca/ca.fixture.ts";
import { Discovery } from "../discovery/discovery.ts";
import { systemClock as clock } from "./clock.ts";
import { clusterWebhooks } from "./cluster-webhooks.ts";
import { figures } from "./figures.ts";
import { systemRandom as random } from "./random.ts";
import { type Renewal, serverCertificate } from "./server-certificate.ts";
import { depthOf, judging, webhookServer } from "./webhooks.ts";

const log = recordingLog();
let certificate: Renewal;
let server: ReturnType<typeof webhookServer>;
let ca: string;

beforeAll(async () => {
  const authority = await open(newFolder(), clock);
  ca = authority.roots.join("");
  certificate = await serverCertificate(authority, { dns: [], ips: ["127.0.0.1"] }, { clock, random, log });
  const discovery = new Discovery({ clock, log, trustDomain: "cluster.local", sources: [] });
  const broken = judging(() => {
    throw new RangeError("a fault");
  }, log);
  const injection = { revision: "default", installNamespace: "istio-system", text: () => undefined };
  const routes = new Map([
    ...clusterWebhooks(
      discovery,
      log,
      injection,
      figures(() => discovery),
    ),
    ["/broken", broken],
  ]);
  server = webhookServer(routes, certificate, log);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  certificate.stop();
  server.close();
});

interface Said {
  readonly status: number;
  readonly body: unknown;
}

function post(body: string, path = "/validate", { method = "POST", type = "application/json" } = {}): Promise<Said> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, ca, agent: false, headers: { "content-type": type } };
    const sent = request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const object = (spec: unknown) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "reviews", namespace: "shop", uid: "0", resourceVersion: "1", managedFields: [{}] },
  spec,
});

const review = (fields: object) => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    ...{ uid: "7", operation: "CREATE", kind: { group: "networking.istio.io", version: "v1", kind: "VirtualService" } },
    ...fields,
  },
});

test("what is no review is refused as such, and harms nobody", async () => {
  const faults: readonly [string, number, string][] = [
    ["", 400, "not JSON"],
    ["null", 400, "no AdmissionReview"],
    ["[]", 400, "no AdmissionReview"],
    ['{"kind":"AdmissionReview"}', 400, "apiVersion"],
    ['{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}', 400, "v1beta1"],
    ['{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}', 400, "no request"],
    [JSON.stringify(review({ uid: "" })), 400, "uid"],
    [JSON.stringify(review({ operation: "STEAL" })), 400, "STEAL"],
    [JSON.stringify(review({ kind: "VirtualService" })), 400, "kind"],
    [`{"a":${"[".repeat(300)}${"]".repeat(300)}}`, 400, "levels deep"],
    ["[".repeat(1_000_000), 400, "levels deep"],
    [JSON.stringify({ a: "x".repeat(4 * 1024 * 1024) }), 413, "bytes"],
  ];
  for (const [body, status, words] of faults) {
    const said = await post(body).catch((error: NodeJS.ErrnoException) => error.code);
    // Who is still writing when the answer is out may see the connection end.
    if (said === "EPIPE" || said === "ECONNRESET") continue;
    expect(said, body.slice(0, 80)).toEqual({ status, body: { error: expect.stringContaining(words) } });
  }
  expect(await post("{}", "/validate", { method: "PUT" })).toMatchObject({ status: 405 });
  expect(await post("{}", "/validate", { type: "text/plain" })).toMatchObject({ status: 415 });
  expect(await post("{}", "/other")).toMatchObject({ status: 404 });
});

test("an object is judged as in a file: code first, then the field and how to mend it", async () => {
  const spec = { hosts: ["reviews"], http: [{ timeout: "5 seconds", route: [{ destination: { host: "reviews" } }] }] };
  const { body } = await post(JSON.stringify(review({ object: object(spec) })));
  expect(body).toMatchObject({
    kind: "AdmissionReview",
    response: {
      uid: "7",
      allowed: false,
      status: { message: expect.stringMatching(/^\w+ spec\.http\[0\]\.timeout: /) },
    },
  });
});

test("what the object would break in the mesh is a warning", async () => {
  const spec = { hosts: ["reviews"], http: [{ route: [{ destination: { host: "reviews" } }] }] };
  const { body } = await post(JSON.stringify(review({ object: object(spec) })));
  expect(body).toEqual({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      ...{ uid: "7", allowed: true },
      warnings: [
        expect.stringMatching(/^IST0101\/KIA1101 spec\.http\[0\]\.route\[0\]\.destination\.host: .*"reviews"/),
      ],
    },
  });
});

test("a fault of ours lets the object through, says so, and is logged", async () => {
  const { status, body } = await post(JSON.stringify(review({ object: object({}) })), "/broken");
  expect(status).toBe(200);
  expect(body).toMatchObject({ response: { allowed: true, warnings: [expect.stringContaining("fault of its own")] } });
  expect(log.lines.some((line) => line.startsWith("an object could not be judged"))).toBe(true);
});

test("bodies of any form are answered", async () => {
  const seed = JSON.stringify(review({ object: object({ hosts: ["a"], http: [{ route: [{}] }] }) }));
  const cut = fc.tuple(fc.nat(seed.length), fc.nat(seed.length), fc.string()).map(([a, b, text]) => {
    const [from, to] = a < b ? [a, b] : [b, a];
    return seed.slice(0, from) + text + seed.slice(to);
  });
  const odd = fc.jsonValue().map((value) => JSON.stringify(review({ object: value })));
  const oddSpec = fc.jsonValue().map((value) => JSON.stringify(review({ object: object(value) })));
  const bodies = fc.oneof(
    cut,
    odd,
    oddSpec,
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const { status, body: said } = await post(body);
      expect([200, 400]).toContain(status);
      if (status === 200)
        expect(said).toMatchObject({ kind: "AdmissionReview", response: { uid: expect.any(String) } });
    }),
    { numRuns: 300 },
  );
  expect(log.lines.filter((line) => line.startsWith("webhook failed"))).toEqual([]);
});

test("Pods of any form are answered by the injector, and nothing that they say reaches a prototype", async () => {
  const pod = (metadata: unknown, spec: unknown) => ({ apiVersion: "v1", kind: "Pod", metadata, spec });
  const kind = { group: "", version: "v1", kind: "Pod" };
  const hostile =
    '{"__proto__":{"taken":1},"constructor":{"prototype":{"taken":1}},"name":"p","labels":{"__proto__":"x"}}';
  const any = fc.oneof(fc.jsonValue(), fc.constant(JSON.parse(hostile)));
  const spec = fc.record({
    containers: fc.array(fc.record({ name: any, ports: any, securityContext: any, env: any })),
  });
  await fc.assert(
    fc.asyncProperty(any, fc.oneof(any, spec), any, async (metadata, spec, namespace) => {
      const { status } = await post(
        JSON.stringify(review({ kind, namespace, object: pod(metadata, spec) })),
        "/inject",
      );
      expect([200, 400]).toContain(status);
      expect(({} as Record<string, unknown>)["taken"]).toBeUndefined();
    }),
    { numRuns: 200 },
  );
  expect(log.lines.filter((line) => line.startsWith("webhook failed"))).toEqual([]);
});

test("bodies that are begun and not ended are bounded, and then over", async () => {
  const { port } = server.address() as AddressInfo;
  const sockets = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const socket = connect({ host: "127.0.0.1", port, ca });
      await once(socket, "secureConnect");
      const body = Buffer.alloc(2 * 1024 * 1024, "[");
      const head = `POST /validate HTTP/1.1\r\nhost: weft\r\ncontent-type: application/json\r\ncontent-length: ${2 * body.length}\r\n\r\n`;
      socket.on("error", () => {});
      const answer = new Promise<string>((resolve) =>
        socket.once("data", (data) => resolve(String(data).slice(9, 12))),
      );
      socket.write(head);
      socket.write(body);
      return { socket, answer };
    }),
  );
  // 32 of them fill what one address has.
  expect(await Promise.any(sockets.map(({ answer }) => answer))).toBe("503");
  for (const { socket } of sockets) socket.destroy();
  const spec = { hosts: ["reviews"], http: [{ directResponse: { status: 200 } }] };
  await vi.waitFor(async () => expect((await post(JSON.stringify(review({ object: object(spec) })))).status).toBe(200));
});

test("depth is found without going down", () => {
  expect(depthOf('{"a":[1,{"b":"]]]}}\\"[["}]}')).toBe(3);
  expect(depthOf("[".repeat(1_000_000))).toBe(1_000_000);
});
