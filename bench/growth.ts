import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { writeMesh } from "./mesh.ts";
import { cpuSeconds, memoryMiB } from "./process.ts";

// Whether an edit costs more in a larger mesh: CPU of translating one edited object for a sidecar that sees all, at 1,000 and at 10,000 services, and
// the ratio; and what the control plane needs to hold the larger mesh. Usage: node bench/growth.ts [SMALL] [LARGE] [PORT]

const [small, large, port] = [process.argv[2] ?? "1000", process.argv[3] ?? "10000", Number(process.argv[4] ?? 24500)];
const flags = ["--max-semi-space-size=16"];

type Figures = Readonly<Record<string, number>>;

function edits(services: string): Figures {
  const file = join(import.meta.dirname, "edit.ts");
  return JSON.parse(
    execFileSync(process.execPath, [...flags, "--max-old-space-size=6000", file, services, "1", "json"], {
      encoding: "utf8",
    }),
  );
}

const [few, many] = [edits(small), edits(large)];
process.stdout.write(`${"CPU, ms".padEnd(34)}${small.padStart(10)}${large.padStart(10)}     ratio\n`);
for (const [what, ms] of Object.entries(few)) {
  const then = many[what] ?? 0;
  const unit = what === "rss" ? "RSS of this, MiB" : what;
  process.stdout.write(
    `${unit.padEnd(34)}${ms.toFixed(2).padStart(10)}${then.toFixed(2).padStart(10)}${(then / ms).toFixed(2).padStart(10)}\n`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "weft-growth-"));
try {
  writeMesh(folder, { services: Number(large), endpoints: 5 });
  const args = [...flags, join(import.meta.dirname, "plane.ts"), folder, String(port), String(port + 1)];
  const plane = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: plane.stdout });
  await once(lines, "line");
  const pid = plane.pid as number;
  process.stdout.write(
    `control plane that serves ${large} services to nobody yet: ${memoryMiB(pid, "VmRSS").toFixed(0)} MiB RSS, ${memoryMiB(pid, "VmHWM").toFixed(0)} MiB at its peak, ${cpuSeconds(pid).toFixed(1)} s CPU until ready\n`,
  );
  plane.kill();
  await once(plane, "exit");
} finally {
  rmSync(folder, { recursive: true });
}
