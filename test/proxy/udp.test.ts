import { deepStrictEqual, strictEqual } from "node:assert";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, test } from "vitest";
import { configOf } from "./mesh.ts";
import { ownAddress } from "./own-address.ts";
import { ServedEnvoy } from "./served-envoy.ts";

// A real gateway with a UDP port, and two applications behind it.

const ip = ownAddress();
const applications: Socket[] = [];
let envoy: ServedEnvoy;

const text = (ports: readonly number[]) => `
proxy: {kind: router, namespace: default, name: front, labels: {gateway.networking.k8s.io/gateway-name: front}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_HTTP_PROXY_PORT: "0"}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: front}
spec: {gatewayClassName: istio, listeners: [{name: dns, port: 5300, protocol: UDP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: UDPRoute
metadata: {name: dns}
spec: {parentRefs: [{name: front}], rules: [{backendRefs: [{name: a0, port: 53}, {name: a1, port: 53}, {name: gone, port: 53}]}]}
${ports
  .map(
    (port, i) => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a${i}}
spec: {hosts: [a${i}.default.svc.cluster.local], resolution: STATIC, ports: [{number: 53, name: udp, protocol: UDP}], endpoints: [{address: 127.0.0.1, ports: {udp: ${port}}}]}
`,
  )
  .join("")}`;

beforeAll(async () => {
  for (const name of ["first", "second"]) {
    const socket = createSocket("udp4");
    socket.on("message", (said, from) => socket.send(`${name} ${said}`, from.port, from.address));
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    applications.push(socket);
  }
  envoy = await ServedEnvoy.start({ ip });
  deepStrictEqual(await envoy.take(configOf(text(applications.map((a) => a.address().port)))), []);
});

afterAll(async () => {
  await envoy?.stop();
  for (const socket of applications) socket.close();
});

/** Who answers two datagrams of one client. */
async function ask(): Promise<readonly string[]> {
  const client = createSocket("udp4");
  const said: string[] = [];
  for (const word of ["one", "two"]) {
    client.send(word, 5300, ip);
    said.push(String((await once(client, "message"))[0]));
  }
  client.close();
  return said;
}

test("a client stays with one application; several share the clients", async () => {
  const seen = new Set<string>();
  // Each of two has half of the clients: all 40 at one of them comes once in 2^39.
  for (let i = 0; i < 40; i++) {
    const [one = "", two] = await ask();
    const [who] = one.split(" ");
    strictEqual(two, `${who} two`);
    seen.add(who as string);
  }
  deepStrictEqual([...seen].sort(), ["first", "second"]);
});
