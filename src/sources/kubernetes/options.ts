import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { Pace } from "../../kubernetes/watch-options.ts";
import type { Resource, Type } from "../../model/resource.ts";
import type { Clock } from "../../std/clock.ts";
import type { Log } from "../../std/log.ts";
import type { Random } from "../../std/random.ts";
import type { Validate } from "../text/text.ts";

/** The MeshConfig, as far as a source of a cluster asks for it. */
export interface MeshInForce {
  /** Whether it is known what is in force. */
  hasSpoken(): boolean;
  /** Undefined: Istio's defaults. */
  inForce(): Resource | undefined;
  onChange(listener: () => void): void;
}

/** How a cluster is read. */
export interface KubernetesSourceOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The control plane's. Configuration that another revision, or another's tag, is named on (label `istio.io/rev`) is not read. */
  readonly revision: string;
  /** The mesh's settings, which say what namespaces are read; absent: all are. Whoever hands them in tells them to the mesh, too. */
  readonly settings?: MeshInForce;
  /** Judges each object by itself; one with an Error is refused. */
  readonly validate: Validate;
  /** Fills in the defaults of a kind's schema. */
  readonly complete: (resource: Resource) => Resource;
  /** Versions of a custom kind that are understood; undefined for a kind that is not. */
  readonly versionsOf: (type: Type) => readonly string[] | undefined;
  /** Objects in one answer of a list; 500 by default. */
  readonly pageSize?: number;
  readonly pace?: Pace;
}
