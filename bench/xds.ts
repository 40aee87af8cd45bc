import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { writeMesh } from "./mesh.ts";
import { cpuSeconds, median, memoryMiB } from "./process.ts";

// 50 sidecars that see all of 1,000 services: what it costs to bring them in sync, and what one edited VirtualService costs. Needs `xdsload`
// in XDSLOAD. Flags for Node, to compare: NODE_FLAGS. With USES=10 nothing is eager, and each sidecar asks for the ten services that it calls.
// See README.md.
const xdsload = process.env["XDSLOAD"];
if (xdsload === undefined) throw new Error("set XDSLOAD to the xdsload program");
const [rounds, edits, basePort] = [
  Number(process.argv[2] ?? 3),
  Number(process.argv[3] ?? 5),
  Number(process.argv[4] ?? 24400),
];
const flags = (process.env["NODE_FLAGS"] ?? "--max-semi-space-size=16").split(" ").filter((flag) => flag !== "");

interface Said {
  readonly sync_s: number;
  readonly sync_cpu_s: number;
  readonly sync_MB: number;
  readonly change_p50_ms: number;
  readonly change_last_ms: number;
  readonly change_cpu_s: number;
  readonly change_MB: number;
  readonly rounds_ok: number;
}

interface Run extends Said {
  readonly peak: number;
  /** CPU while nothing is edited, seconds a second: it belongs to nobody's edit. */
  readonly rest: number;
  /** CPU of one edit: xdsload's figure without what the rest would have used in the time that it waits for silence. */
  readonly edit: number;
}

/** Seconds that xdsload waits for silence after an edit. */
const uses = Number(process.env["USES"] ?? 0);
const settle = 2;
const sliceMs = 500;
const folder = mkdtempSync(join(tmpdir(), "weft-xds-"));
const mesh = join(folder, "mesh");
// xdsload awaits change-K-; written aside and renamed, as an editor does.
const change = join(folder, "change.sh");
writeFileSync(
  change,
  `f=${mesh}/svc-7.yaml\nsed "s/x-rev: [^}]*}/x-rev: change-$K-}/" "$f" > ${folder}/edited && mv ${folder}/edited "$f"\n`,
);

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("the control plane ended")));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on(
      "line",
      (line) => line === "ready" && resolve(),
    );
  });
}

async function run(): Promise<Run> {
  writeMesh(mesh, { services: 1000, endpoints: 5 });
  const script = join(import.meta.dirname, "plane.ts");
  const plane = spawn(
    process.execPath,
    [...flags, script, mesh, `${basePort}`, `${basePort + 1}`, uses > 0 ? "none" : "all"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await listening(plane);
  const pid = plane.pid as number;
  const args = [
    "-addr",
    `127.0.0.1:${basePort}`,
    "-clients",
    "50",
    "-pid",
    `${pid}`,
    "-settle",
    `${settle}s`,
    "-uses",
    `${uses}`,
  ];
  const slices: number[] = [];
  const timer = setInterval(() => slices.push(cpuSeconds(pid)), sliceMs);
  const { stdout } = await promisify(execFile)(xdsload as string, [
    ...args,
    "-change",
    `sh ${change}`,
    "-rounds",
    `${edits}`,
  ]);
  clearInterval(timer);
  const peak = memoryMiB(pid, "VmHWM");
  // Of the time in which edits came, the most part was quiet.
  const quiet = slices.slice(-edits * settle * (1000 / sliceMs));
  const rest = median(quiet.slice(1).map((cpu, i) => cpu - (quiet[i] ?? 0))) * (1000 / sliceMs);
  const said = JSON.parse(stdout) as Said;
  const done = new Promise((resolve) => plane.once("exit", resolve));
  plane.kill();
  await done;
  return { ...said, peak, rest, edit: said.change_cpu_s - rest * settle };
}

const runs: Run[] = [];
try {
  for (let i = 0; i < rounds; i++) {
    runs.push(await run());
    const one = runs.at(-1) as Run;
    process.stdout.write(
      `round ${i + 1}: sync ${one.sync_cpu_s.toFixed(2)} s CPU, peak ${one.peak.toFixed(0)} MiB; edit ${(one.edit * 1000).toFixed(0)} ms CPU, ${one.change_last_ms.toFixed(0)} ms to the last\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
const of = (field: keyof Run) => median(runs.map((one) => one[field]));
const istiod = { sync: 12.9, memory: 1536, edit: 1.7, last: 1260 };
const part = (ours: number, theirs: number) => `1/${(theirs / ours).toFixed(1)} of istiod's`;
process.stdout.write(
  [
    `sync    ${of("sync_cpu_s").toFixed(2)} s CPU (${part(of("sync_cpu_s"), istiod.sync)}), ${of("sync_MB").toFixed(0)} MB, ${of("sync_s").toFixed(1)} s`,
    `memory  ${of("peak").toFixed(0)} MiB at the peak (${part(of("peak"), istiod.memory)})`,
    `edit    ${(of("edit") * 1000).toFixed(0)} ms CPU (${part(of("edit"), istiod.edit)}), ${of("change_MB").toFixed(3)} MB, ${of("change_p50_ms").toFixed(0)} ms to the median, ${of("change_last_ms").toFixed(0)} ms to the last (${part(of("change_last_ms"), istiod.last)})`,
    `at rest ${(of("rest") * 1000).toFixed(0)} ms CPU a second, of it most for 50 proxies whose metrics nobody serves`,
    "",
  ].join("\n"),
);
process.exit();
