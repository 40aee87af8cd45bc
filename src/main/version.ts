import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageDir } from "./data.ts";

/** Weft's own version. */
export const version: string = (
  JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")) as { version: string }
).version;
