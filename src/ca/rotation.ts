import type { Random } from "../std/random.ts";

/** A certificate is renewed when this part of its life is over, or up to `SPREAD` of it earlier, so that not all renew at once. */
const RENEW_AT = 0.5;
const SPREAD = 0.1;

/** When to renew, in milliseconds since the epoch: at half of the life from when it was signed, or a tenth of that earlier at most. */
export function renewalTime(life: { readonly issuedAt: number; readonly notAfter: number }, random: Random): number {
  const length = life.notAfter - life.issuedAt;
  return life.issuedAt + length * (RENEW_AT - SPREAD * random.next());
}
