import { join, relative, resolve, sep } from "node:path";
import { CliError, exitCodes } from "../cli/exit.ts";

/** Our own samples are TypeScript, which Node does not run below node_modules: an installed package says where to go. Throws a CliError. */
export function refuseInstalledSample(folders: readonly string[], packageDir: string): void {
  if (!packageDir.split(sep).includes("node_modules")) return;
  for (const folder of folders) {
    const inside = relative(join(packageDir, "samples"), resolve(folder));
    if (inside.startsWith("..") || inside === resolve(folder)) continue;
    const name = inside === "" ? "samples" : inside.split(sep)[0];
    throw new CliError(
      exitCodes.usage,
      `${folder}: its applications are TypeScript, which Node does not run below node_modules`,
      `copy it, and start the copy: cp -r ${folder} . && weft up ${name}`,
    );
  }
}
