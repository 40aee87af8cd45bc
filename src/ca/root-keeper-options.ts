import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { KeyHome } from "./key-home.ts";
import type { CaSource } from "./plugged-in.ts";
import type { KeyKind } from "./private-key.ts";

/** What a keeper of roots works with. */
export interface RootKeeperOptions {
  readonly home: KeyHome;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly longestLeafMs: number;
  readonly rootLifeMs: number;
  /** The part of a root's life after which the next one is made. */
  readonly renewRootAt: number;
  readonly rootKey: KeyKind;
  /** Where an authority of the user's may be plugged in. */
  readonly pluggedIn?: CaSource;
  /** PEM of roots that this mesh is known to have had: proof that a home without any has lost them. */
  readonly known?: () => Promise<string | undefined>;
}
