import os from "node:os";
import path from "node:path";

/** Weft's folder in the user's cache: `$XDG_CACHE_HOME/weft`, by default `~/.cache/weft`. */
export function cacheFolder(env = process.env) {
  return path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), ".cache"), "weft");
}
