import type { Pending } from "./oidc.ts";
import { OneTime } from "./one-time.ts";
import { seal, unseal } from "./seal.ts";

/** A login that a browser was sent to the issuer for. */
export interface Begun extends Pending {
  /** Which page of the console shall be opened then. */
  readonly next: string;
}

/** Logins that were begun, by what the browser that began one carries. */
export interface BegunLogins {
  put(begun: Begun, ms: number): Promise<string>;
  /** Undefined for what was not begun, was taken here before, or too long ago. */
  take(carried: string): Promise<Begun | undefined>;
}

interface Sealed {
  readonly begun: Begun;
  /** Good once at this replica; that another takes it, too, the issuer hinders, whose code is good once. */
  readonly once: string;
  readonly until: number;
}

const purpose = "login";

/** Sealed with the key that replicas share, as the browser may come back to another of them; where there is none, kept here. */
export function begunLogins(
  now: () => number,
  secret: () => string,
  sharedKey: () => Promise<Buffer | undefined>,
): BegunLogins {
  const here = new OneTime<Begun>(now, secret);
  const taken = new Map<string, number>();
  return {
    async put(begun, ms) {
      const key = await sharedKey();
      if (key === undefined) return here.issue(begun, ms);
      return seal(key, purpose, { begun, once: secret(), until: now() + ms } satisfies Sealed, secret());
    },
    async take(carried) {
      const key = await sharedKey();
      const sealed = key && (unseal(key, purpose, carried) as Sealed | undefined);
      if (sealed === undefined) return here.redeem(carried);
      for (const [once, until] of taken) if (until <= now()) taken.delete(once);
      if (sealed.until <= now() || taken.has(sealed.once)) return undefined;
      taken.set(sealed.once, sealed.until);
      return sealed.begun;
    },
  };
}
