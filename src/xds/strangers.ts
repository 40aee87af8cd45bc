import type { Http2Session } from "node:http2";
import type { Clock } from "../std/clock.ts";

/** A connection on which nobody was recognised has this long. */
const PATIENCE_MS = 15_000;
/** So many of them at once: a thousand proxies that start together, and room. */
const MOST = 2048;
/** Refused streams after which a connection ends: a proxy whose token has expired tries some at once. */
const MOST_REFUSED = 16;

/** Connections of peers that have not shown yet who they are: few, and not for long. */
export interface Strangers {
  /** A connection came. */
  add(session: Http2Session): void;
  /** Its peer was recognised: what follows is bounded by who it is. */
  recognised(session: Http2Session | undefined): void;
  /** A stream of it was refused. */
  refused(session: Http2Session | undefined): void;
}

interface Stranger {
  readonly address: string;
  readonly cancel: () => void;
}

/** Where there are too many, the oldest of the address that has most goes, so that one who floods drops what is its own. */
export function createStrangers(clock: Clock, most = MOST): Strangers {
  const known = new Map<Http2Session, Stranger>();
  const byAddress = new Map<string, Set<Http2Session>>();
  const refusals = new WeakMap<Http2Session, number>();
  const forget = (session: Http2Session) => {
    const stranger = known.get(session);
    if (stranger === undefined) return;
    stranger.cancel();
    known.delete(session);
    const others = byAddress.get(stranger.address);
    others?.delete(session);
    if (others?.size === 0) byAddress.delete(stranger.address);
  };
  const drop = (session: Http2Session) => {
    forget(session);
    session.destroy();
  };
  const dropOne = () => {
    const [most] = [...byAddress.values()].sort((a, b) => b.size - a.size);
    const [oldest] = most ?? [];
    if (oldest !== undefined) drop(oldest);
  };
  return {
    add(session) {
      const address = session.socket?.remoteAddress ?? "";
      known.set(session, { address, cancel: clock.after(PATIENCE_MS, () => drop(session)) });
      byAddress.set(address, (byAddress.get(address) ?? new Set()).add(session));
      session.once("close", () => forget(session));
      if (known.size > most) dropOne();
    },
    recognised(session) {
      if (session === undefined) return;
      refusals.delete(session);
      forget(session);
    },
    refused(session) {
      if (session === undefined) return;
      const count = (refusals.get(session) ?? 0) + 1;
      refusals.set(session, count);
      if (count < MOST_REFUSED) return;
      session.close();
      // What is under way may say its last word; then there is nothing more to say.
      clock.after(1000, () => session.destroy());
    },
  };
}
