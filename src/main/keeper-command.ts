import { existsSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;

/** The program of the helper that holds doors and names: from the sources, or built. */
export const keeperCommand: readonly string[] = [
  process.execPath,
  existsSync(join(here, "keeper.ts")) ? join(here, "keeper.ts") : join(here, "keeper.js"),
];
