import { deepStrictEqual } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { makeCertificates } from "../cluster/certificates.ts";
import { configOf } from "../proxy/mesh.ts";
import { ServedEnvoy } from "../proxy/served-envoy.ts";
import { withSecrets } from "../proxy/test-secrets.ts";

// The golden cases once more: whole, and taken by one running Envoy, one after the other, over one stream.

const testdata = join(import.meta.dirname, "testdata");
const base = readFileSync(join(testdata, "mesh.yaml"), "utf8");
const cases = readdirSync(testdata).flatMap((f) => (f.endsWith(".in.yaml") ? [f.slice(0, -".in.yaml".length)] : []));
const directory = mkdtempSync(join(tmpdir(), "patch-taken-"));
let envoy: ServedEnvoy;

beforeAll(async () => {
  await makeCertificates(directory);
  envoy = await ServedEnvoy.start({ ip: "0.0.0.0", alone: true });
});
afterAll(async () => {
  await envoy?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** How a proxy may stand, beside captured with all that it calls. */
const stances = {
  captured: "{}",
  asking: "eager: none",
  loopback: `proxy: {ips: [127.1.2.3], metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_APP_ADDRESS: 127.1.2.4, WEFT_HTTP_PROXY_PORT: "15002"}}`,
};
const all = cases.flatMap((name) => Object.entries(stances).map(([stance, said]) => ({ name, stance, said })));

test.each(all)("$name, $stance", async ({ name, stance, said }) => {
  const text = readFileSync(join(testdata, `${name}.in.yaml`), "utf8").replace("\n# then\n", "\n");
  const module = join(import.meta.dirname, "testdata", "plugin.wasm");
  const config = withSecrets(directory, configOf(base, text.replaceAll("/state/wasm/a.wasm", module), said));
  deepStrictEqual(await envoy.take(config, { asks: stance === "asking" }), []);
});
