import { existsSync } from "node:fs";
import { join } from "node:path";

/** The package's folder: two above this file in the sources, one above the built program. */
export const packageDir: string = existsSync(join(import.meta.dirname, "..", "package.json"))
  ? join(import.meta.dirname, "..")
  : join(import.meta.dirname, "..", "..");

/** A file of `data/`. */
export function dataFile(name: string): string {
  return join(packageDir, "data", name);
}

/** The Helm charts. */
export const chartsFolder: string = join(packageDir, "charts");
