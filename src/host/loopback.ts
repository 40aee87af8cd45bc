import type { Network } from "./network.ts";
import { addressIn, parseRange, type Range } from "./subnet.ts";

/**
 * Pods as addresses of the loopback interface, for machines where nothing can be kept apart. Each has two: its own, where its proxy listens,
 * and one where its application listens. `range` is a /15 of 127/8: `127.64.0.0/15`.
 */
export function loopback(range: string): Network {
  const whole = parseRange(range) as Range;
  const placeOf = (number: number) => ({
    ip: addressIn(whole, number),
    applicationIp: addressIn(whole, 65_536 + number),
    enter: [],
  });
  return {
    // Not 127.0.0.1: several meshes of a machine listen on the same ports.
    address: addressIn(whole, 1),
    probeFrom: undefined,
    addressOf: (number) => placeOf(number).ip,
    open: async ({ number }) => placeOf(number),
    reopen: (number) => placeOf(number),
    close: async () => {},
    destroy: async () => {},
  };
}
