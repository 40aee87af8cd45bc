// Writes dashboards/*.json: Grafana's, made of the few lines in scripts/dashboards. `--check` only looks whether they are as they should be.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { grafana } from "./dashboards/panel.ts";
import { controlPlane, proxies } from "./dashboards/planes.ts";
import { mesh, service, workloads } from "./dashboards/traffic.ts";

const folder = join(import.meta.dirname, "../dashboards");
mkdirSync(folder, { recursive: true });
for (const [name, dashboard] of Object.entries({
  mesh,
  service,
  workload: workloads,
  "control-plane": controlPlane,
  proxies,
})) {
  const file = join(folder, `${name}.json`);
  const text = `${JSON.stringify(grafana(dashboard), null, 1)}\n`;
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    process.stderr.write(`${file} is not what scripts/dashboards says; run node scripts/dashboards.mjs\n`);
    process.exitCode = 1;
  }
}
