import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeMesh } from "./mesh.ts";
import { cpuSeconds, median, memoryMiB, sleep } from "./process.ts";

// How long from `weft up` to the first page that answers 200 through the gateway, and what the control plane takes. See README.md.
const rounds = Number(process.argv[2] ?? 3);
const basePort = Number(process.argv[3] ?? 24300);
const root = join(import.meta.dirname, "..");
const weft = ["--max-semi-space-size=16", join(root, "bin", "weft.mjs")];

async function first200(url: string, since: number): Promise<number> {
  for (;;) {
    const status = await fetch(url).then(
      async (answer) => {
        await answer.text();
        return answer.status;
      },
      () => 0,
    );
    if (status === 200) return performance.now() - since;
    if (performance.now() - since > 120_000) throw new Error(`${url}: no 200 within 120 s`);
    await sleep(20);
  }
}

function run(home: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [...weft, ...args], {
    cwd: root,
    env: { ...process.env, HOME: home },
    stdio: "ignore",
  });
}

async function ended(child: ChildProcess): Promise<void> {
  const done = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await done;
}

const times: number[] = [];
const memory: number[] = [];
for (let i = 0; i < rounds; i++) {
  const home = mkdtempSync(join(tmpdir(), "weft-up-"));
  const since = performance.now();
  const ports = ["--http-port", `${basePort}`, "--https-port", `${basePort + 1}`, "--console-port", `${basePort + 2}`];
  const child = run(home, "up", "samples/bookinfo", ...ports);
  times.push(await first200(`http://127.0.0.1:${basePort}/productpage`, since));
  await sleep(3000);
  memory.push(memoryMiB(child.pid as number, "VmRSS"));
  await ended(child);
  rmSync(home, { recursive: true });
}
process.stdout.write(
  `sample: first 200 after ${(median(times) / 1000).toFixed(1)} s (${times.map((t) => (t / 1000).toFixed(1)).join(" ")}); RSS ${median(memory).toFixed(0)} MiB\n`,
);

const home = mkdtempSync(join(tmpdir(), "weft-up-"));
const mesh = join(home, "mesh");
writeMesh(mesh, { services: 1000, endpoints: 5 });
const address = `127.0.0.1:${basePort + 3}`;
const child = run(home, "serve", mesh, "--xds", address, "--plaintext", "--console-port", `${basePort + 2}`);
await first200(`http://127.0.0.1:${basePort + 2}/metrics`, performance.now());
const pid = child.pid as number;
await sleep(3000);
process.stdout.write(
  `1,000 services, no proxy: RSS ${memoryMiB(pid, "VmRSS").toFixed(0)} MiB, at the peak ${memoryMiB(pid, "VmHWM").toFixed(0)}; CPU to read them ${cpuSeconds(pid).toFixed(1)} s\n`,
);
await ended(child);
rmSync(home, { recursive: true });
