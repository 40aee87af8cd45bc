import { existsSync } from "node:fs";
import { join } from "node:path";

const source = join(import.meta.dirname, "..", "host", "keeper-main.ts");

/** The program of the helper that holds doors and names: from the sources, or built (scripts/build.mjs). */
export const keeperCommand: readonly string[] = [
  process.execPath,
  existsSync(source) ? source : join(import.meta.dirname, "keeper.js"),
];
