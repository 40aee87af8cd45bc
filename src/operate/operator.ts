import type { KubernetesClient } from "../kubernetes/client.ts";
import type { InFlight } from "../kubernetes/in-flight.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";

/** Something that is kept right in the cluster. Starts when called; the answer ends it. */
export type Operator = () => () => void;

/** What an operator needs of the world. */
export interface World {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Lists wait here for their turn. */
  readonly lists: InFlight;
}

/** The name under which fields are ours. */
export const fieldManager = "weft";
