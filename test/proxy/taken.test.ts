import { deepStrictEqual, match, strictEqual } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, test } from "vitest";
import { ListenerSchema } from "../../src/gen/envoy/config/listener/v3/listener_pb.js";
import type { XdsResource } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { makeCertificates } from "../cluster/certificates.ts";
import { configOf } from "./mesh.ts";
import { ServedEnvoy } from "./served-envoy.ts";
import { withSecrets } from "./test-secrets.ts";

// The golden cases once more: whole, and taken by one running Envoy, one after the other, over one stream.

const testdata = join(import.meta.dirname, "testdata");
const base = readFileSync(join(testdata, "mesh.yaml"), "utf8");
const cases = readdirSync(testdata).flatMap((f) => (f.endsWith(".in.yaml") ? [f.slice(0, -".in.yaml".length)] : []));
const directory = mkdtempSync(join(tmpdir(), "taken-"));
let envoy: ServedEnvoy;

beforeAll(async () => {
  await makeCertificates(directory);
  envoy = await ServedEnvoy.start({ ip: "0.0.0.0", alone: true });
});
afterAll(async () => {
  await envoy?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Those that are known: a field without another form, and messages that Envoy itself calls unfinished and has no others for. */
const known =
  /RouteAction\.max_grpc_timeout|'(xds\.core\.v3\.CidrRange|envoy\S+\.(CustomResponse|LocalResponsePolicy))'.*work-in-progress|UdpProxyConfig\.matcher/;

/** How a proxy may stand, beside captured with all that it calls. */
const stances = {
  captured: "{}",
  asking: "eager: none",
  loopback: `proxy: {ips: [127.1.2.3], metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_APP_ADDRESS: 127.1.2.4, WEFT_HTTP_PROXY_PORT: "15002"}}`,
};
const all = ["mesh", ...cases].flatMap((name) =>
  Object.entries(stances).map(([stance, said]) => ({ name, stance, said })),
);

test.each(all)("$name, $stance", async ({ name, stance, said }) => {
  const text = name === "mesh" ? "" : readFileSync(join(testdata, `${name}.in.yaml`), "utf8");
  const config = withSecrets(directory, configOf(base, inDirectory(text), said));
  const asks = stance === "asking";
  deepStrictEqual(await envoy.take(config, { asks }), []);
  const listening = (await envoy.admin("/listeners")).split("\n");
  for (const listener of config.get(TYPE.listener)?.resources.keys() ?? [])
    strictEqual(listening.filter((line) => line.startsWith(`${listener}::`)).length > 0, true, listener);
  const warnings = envoy.said.split("\n").filter((line) => /\[(warning|error)\]/.test(line) && !known.test(line));
  deepStrictEqual(warnings, []);
});

test("a refusal would be seen", async () => {
  const config = withSecrets(directory, configOf(base));
  const { resources } = config.get(TYPE.listener) as { resources: ReadonlyMap<string, XdsResource> };
  const [[name, good]] = [...resources] as [[string, XdsResource]];
  const listener = fromBinary(ListenerSchema, good.body);
  const bad = { ...good, version: "bad", body: toBinary(ListenerSchema, { ...listener, address: undefined as never }) };
  const said = await envoy.take(
    new Map([...config, [TYPE.listener, { resources: new Map([...resources, [name, bad]]) }]]),
  );
  strictEqual(said.length, 1);
  match(said[0] as string, /^[^:]+: .*[Aa]ddress/);
});

/** Names of files that the cases mention lead to files that are there. */
function inDirectory(text: string): string {
  const file = (name: string) => join(directory, name);
  return text
    .replaceAll("/crl.pem", file("crl.pem"))
    .replaceAll("/c.pem", file("cert.pem"))
    .replaceAll("/k.pem", file("key.pem"))
    .replaceAll("/ca.pem", file("ca.pem"));
}
