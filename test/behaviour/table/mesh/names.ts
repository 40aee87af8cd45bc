import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** Addresses of a name. One that is not known yet is asked again for two seconds, as names of the mesh come a moment after its configuration. */
export async function resolveName(name: string, patience = 2000): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [name];
  const end = performance.now() + patience;
  for (;;) {
    try {
      return (await lookup(name, { all: true })).map((found) => found.address);
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(20);
    }
  }
}
