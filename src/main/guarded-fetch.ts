import { lookup } from "node:dns/promises";
import { getCACertificates } from "node:tls";
import { CliError, exitCodes } from "../cli/exit.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { ranges } from "../fetch/address.ts";
import { type Fetch, guardedFetch } from "../fetch/fetch.ts";
import { inFlight } from "../kubernetes/in-flight.ts";
import { podsBehind } from "../plan/pods-behind.ts";

/** However many are named: each may take its whole time. */
const mostAtOnce = 16;

/**
 * Fetches for the control plane what objects of the mesh name. `from`: ranges of addresses that it may ask though they are not the public
 * internet's. Authorities are Node's (with those of NODE_EXTRA_CA_CERTS) and the machine's. Throws for a range that is none.
 */
export function fetchFor(from: readonly string[] = [], discovery: () => Discovery): Fetch {
  const few = inFlight(mostAtOnce);
  const fetch = guardedFetch({
    resolve: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
    inMesh: (name, port) => discovery().tracker.ask(podsBehind, `${name}:${port}`),
    allowed: allowed(from),
    roots: [...new Set([...getCACertificates("default"), ...getCACertificates("system")])],
  });
  return (url, limits) => few.run(() => fetch(url, limits));
}

function allowed(from: readonly string[]) {
  try {
    return ranges(from);
  } catch (error) {
    throw new CliError(exitCodes.usage, `--fetch-from: ${(error as Error).message}`);
  }
}
