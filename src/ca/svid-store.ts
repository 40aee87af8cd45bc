import { type Identity, spiffeId } from "../model/identity.ts";
import { backoff } from "../std/backoff.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { Authority, Svid } from "./authority.ts";
import { renewalTime } from "./rotation.ts";

/** Timers hold 31 bits of milliseconds, and a machine that slept should notice within the day. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

/** The current SVID of each identity in use, renewed in time. */
export interface SvidStore {
  /** The current one; issued at the first call for an identity, and renewed from then on until `release`. */
  get(identity: Identity): Promise<Svid>;
  /** The current one, if there is one. */
  peek(identity: Identity): Svid | undefined;
  /** All that are in use. */
  all(): readonly Svid[];
  /** Identities whose last renewal failed, and why. */
  failed(): readonly FailedRenewal[];
  /** Replaces all that are in use, now. Rejects with the first error; those that could be replaced are. */
  renewAll(): Promise<void>;
  /** No proxy of this identity is left. */
  release(identity: Identity): void;
  /** Tries again at once what failed; and looks again at what time it is. */
  retry(): void;
  close(): void;
}

/** A certificate that was not renewed when it should have been; the old one stays in use. */
export interface FailedRenewal {
  readonly identity: Identity;
  /** Milliseconds since the epoch of the last try. */
  readonly at: number;
  readonly error: string;
}

export interface SvidStoreOptions {
  readonly authority: Pick<Authority, "issue">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Called with each SVID that replaces an older one. */
  onRenewed(svid: Svid): void;
}

interface Entry {
  readonly identity: Identity;
  svid: Svid | undefined;
  pending: Promise<Svid> | undefined;
  failures: number;
  failed: FailedRenewal | undefined;
  /** When it is renewed, in milliseconds since the epoch. */
  at: number;
  cancel: () => void;
}

/** Keeps SVIDs in memory alone. An SVID that cannot be renewed stays in use, and is tried again with growing pauses. */
export function createSvidStore(options: SvidStoreOptions): SvidStore {
  const { authority, clock, random, log } = options;
  const entries = new Map<string, Entry>();

  const renew = (entry: Entry): Promise<Svid> => {
    entry.pending ??= authority
      .issue(entry.identity)
      .then((svid) => take(entry, svid))
      .finally(() => {
        entry.pending = undefined;
      });
    return entry.pending;
  };
  const take = (entry: Entry, svid: Svid): Svid => {
    const replaced = entry.svid !== undefined;
    entry.svid = svid;
    entry.failures = 0;
    entry.failed = undefined;
    if (entries.get(spiffeId(entry.identity)) !== entry) return svid;
    schedule(entry, renewalTime(svid, random));
    if (replaced) options.onRenewed(svid);
    return svid;
  };
  // By time, and by a timer that goes on where the clock is set back; whichever is first.
  const schedule = (entry: Entry, at: number, left = Math.max(at - clock.now(), 0)): void => {
    entry.cancel();
    entry.at = at;
    const wait = Math.min(left, LONGEST_WAIT_MS);
    entry.cancel = clock.after(wait, () => {
      if (clock.now() < at && left > wait) schedule(entry, at, left - wait);
      else renewOrRetry(entry);
    });
  };
  const renewOrRetry = (entry: Entry): void => {
    entry.cancel();
    renew(entry).catch((error: Error) => retry(entry, error));
  };
  const retry = (entry: Entry, error: Error): void => {
    const wait = backoff(entry.failures++, 1_000, 60_000, random);
    entry.failed = { identity: entry.identity, at: clock.now(), error: error.message };
    log.warn("certificate not renewed; the old one stays", {
      identity: spiffeId(entry.identity),
      error: error.message,
    });
    if (entries.get(spiffeId(entry.identity)) === entry) schedule(entry, clock.now() + wait);
  };

  return {
    async get(identity) {
      const id = spiffeId(identity);
      let entry = entries.get(id);
      if (!entry) {
        entry = fresh(identity);
        entries.set(id, entry);
      }
      if (entry.svid && entry.svid.notAfter > clock.now()) return entry.svid;
      return renew(entry);
    },
    peek: (identity) => entries.get(spiffeId(identity))?.svid,
    all: () => [...entries.values()].flatMap(({ svid }) => (svid === undefined ? [] : [svid])),
    failed: () => [...entries.values()].flatMap(({ failed }) => failed ?? []),
    renewAll: () => allOf([...entries.values()].filter(({ svid }) => svid !== undefined).map(renew)),
    release(identity) {
      entries.get(spiffeId(identity))?.cancel();
      entries.delete(spiffeId(identity));
    },
    retry() {
      for (const entry of entries.values()) if (entry.failures > 0 || entry.at <= clock.now()) renewOrRetry(entry);
    },
    close() {
      for (const entry of entries.values()) entry.cancel();
      entries.clear();
    },
  };
}

function fresh(identity: Identity): Entry {
  const never = Number.POSITIVE_INFINITY;
  return { identity, svid: undefined, pending: undefined, failures: 0, failed: undefined, at: never, cancel: () => {} };
}

/** Waits for all of them, and rejects with the first error. */
async function allOf(running: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(running)) if (outcome.status === "rejected") throw outcome.reason;
}
