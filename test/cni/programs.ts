import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildCniPlugin } from "../../scripts/cni-plugin.mjs";
import { runProgram } from "../../src/cni/program.ts";

/** Where Debian's containernetworking-plugins are, and where most hosts have theirs. */
const folders = ["/usr/lib/cni", "/opt/cni/bin"];

/** The first of these files that is there. Throws where none is. */
export function findFile(files: readonly string[]): string {
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is none of ${files.join(", ")}`);
  return found;
}

/** The folder of plugins that make networks. */
export function hostPlugins(): string {
  return dirname(findFile(folders.map((folder) => join(folder, "bridge"))));
}

/**
 * Whether this machine cannot make the network of a Pod, or not build our plugin. For `describe.skipIf(noNode())`; in CI nothing may be skipped: there
 * it answers false and the tests fail.
 */
export function noNode(): boolean {
  const plugins = folders.some((folder) => existsSync(join(folder, "bridge")));
  const go = spawnSync("go", ["version"]).status === 0;
  return !(process.getuid?.() === 0 && plugins && go) && process.env["CI"] === undefined;
}

/** Our plugin, built into a folder; answers its path. */
export async function ownPlugin(folder: string): Promise<string> {
  const file = join(folder, "weft-cni");
  await buildCniPlugin(file);
  return file;
}

/** Runs a program of this machine in a network namespace. */
export function within(netns: string, ...argv: string[]): Promise<string> {
  return runProgram(["nsenter", `--net=${netns}`, ...argv]);
}
