import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** A folder of the package's `data`, above this file wherever a bundler put it. Throws when the package lacks it. */
export function dataFolder(name: string): string {
  for (let above = import.meta.dirname; above !== dirname(above); above = dirname(above)) {
    const candidate = join(above, "data", name);
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`data/${name} is missing from the package; install it again`);
}
