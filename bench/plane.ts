import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eagerPolicies } from "../src/discovery/eager-policy.ts";
import { serve } from "../src/main/serve.ts";

// The control plane alone on a folder: plaintext xDS on a port of loopback. Prints "ready" when it serves; SIGTERM ends it.
const [folder, xdsPort, consolePort, policy = "all"] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node bench/plane.ts FOLDER XDS_PORT CONSOLE_PORT [EAGER]");
const eager = eagerPolicies.find((known) => known === policy);
if (eager === undefined) throw new Error(`${policy}: no such policy; there is ${eagerPolicies.join(", ")}`);
const stateDir = mkdtempSync(join(tmpdir(), "weft-bench-"));
const plane = await serve({
  folders: [folder],
  name: "bench",
  stateDir,
  registryDir: join(stateDir, "registry"),
  xds: { host: "127.0.0.1", port: Number(xdsPort) },
  tlsMinVersion: "TLSv1.2",
  plaintext: true,
  eager,
  consolePort: Number(consolePort),
});
process.stdout.write("ready\n");
process.on("SIGTERM", () => {
  void plane.stop().then(() => {
    rmSync(stateDir, { recursive: true });
    process.exit();
  });
});
