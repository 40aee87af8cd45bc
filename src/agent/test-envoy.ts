import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The Envoy that tests run: the one that set-up found or fetched. */
export function testEnvoy(): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const places = [process.env["WEFT_ENVOY"], join(cache, "weft", "envoy", "1.40.0", "envoy")];
  const found = places.find((file) => file && existsSync(file));
  if (found === undefined) throw new Error("there is no Envoy for this test; run npm test, or set WEFT_ENVOY");
  return found;
}
