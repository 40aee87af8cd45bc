// A real Kubernetes of one node on this machine, for as long as a command runs; its programs are built when they are not there yet:
//   npm run cluster -- [--image ARCHIVE]... [-- COMMAND...]      with KUBECONFIG set and kubectl and helm on PATH
// Without words of yours: a shell, with the images that `npm run images` made.
// It has network, mount and process namespaces of its own: several run beside each other, nothing of this machine's is touched, and with its
// first process all others end. Needs root and Debian's packages (README.md says which).
import { spawn, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { whyNoCluster } from "./prerequisites.ts";
import { builtPrograms, missingPrograms } from "./programs.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const { values, positionals } = parseArgs({
  options: { image: { type: "string", multiple: true } },
  allowPositionals: true,
});
const images = values.image ?? globSync(join(project, "dist/images/*.oci.tar"));
if (missingPrograms(builtPrograms).length > 0)
  spawnSync(process.execPath, [fileURLToPath(new URL("build.ts", import.meta.url))], { stdio: ["ignore", 2, 2] });
const why = whyNoCluster();
if (why !== undefined) {
  process.stderr.write(`cluster: ${why}\n`);
  process.exit(69);
}

const folder = mkdtempSync(join(tmpdir(), "weft-cluster-"));
const namespaces = [
  "--net",
  "--mount",
  "--pid",
  "--uts",
  "--fork",
  "--kill-child=KILL",
  "--mount-proc",
  "--propagation=private",
];
const inside = [process.execPath, fileURLToPath(new URL("node/main.ts", import.meta.url)), folder];
const command = [...inside, JSON.stringify(images), ...(positionals.length === 0 ? ["bash"] : positionals)];
// bash buries whatever processes end there without parents.
const child = spawn("unshare", [...namespaces, "--", "bash", "-c", '"$@"; exit $?', "node", ...command], {
  stdio: "inherit",
});
// unshare passes nothing on and waits; without it the first process inside is ended, and with that one all others.
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill("SIGKILL"));
process.on("SIGINT", () => {});
child.on("exit", (code, signal) => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  for (const hierarchy of ["", ...readdirSync("/sys/fs/cgroup")])
    removeGroup(join("/sys/fs/cgroup", hierarchy, basename(folder)));
  process.exitCode = code ?? 128 + constants.signals[signal ?? "SIGKILL"];
});

/** A control group has no processes any more, but it stays until it is removed, from its leaves up. */
function removeGroup(group: string): void {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true }))
      if (entry.isDirectory()) removeGroup(join(group, entry.name));
    rmdirSync(group);
  } catch {
    // There is none in this hierarchy.
  }
}
