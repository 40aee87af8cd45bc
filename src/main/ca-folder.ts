import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type CaFiles, type CaSource, caFileNames } from "../ca/plugged-in.ts";
import type { Log } from "../std/log.ts";

/** A folder that an authority may be plugged into; one that is not there is as an empty one. */
export function caFolder(folder: string, log: Log): CaSource {
  let warned = false;
  const warnOfOthers = (path: string) => {
    const mode = statSync(path).mode & 0o777;
    if (warned || (mode & 0o077) === 0) return;
    warned = true;
    log.warn("others can read the key of the authority; close it to them (chmod 600)", {
      path,
      mode: mode.toString(8),
    });
  };
  return {
    place: folder,
    async read() {
      const files: Record<string, string> = {};
      for (const name of namesIn(folder)) {
        const path = join(folder, name);
        if (name.endsWith("key.pem") || name.endsWith(".key")) warnOfOthers(path);
        files[name] = readFileSync(path, "utf8");
      }
      return Object.keys(files).length === 0 ? undefined : (files satisfies CaFiles);
    },
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    const there = new Set(readdirSync(folder));
    return caFileNames.filter((name) => there.has(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
