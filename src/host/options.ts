import type { Identity } from "../model/identity.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { Mode } from "./state.ts";

/** A port of this machine that leads into the mesh. */
export interface Door {
  readonly port: number;
  readonly to:
    | { readonly address: string; readonly port: number }
    /** Ready Pods with these labels, in turn. */
    | { readonly labels: Readonly<Record<string, string>>; readonly namespace?: string; readonly port: number };
}

export interface HostOptions {
  /** Folder for state, logs and sockets: one mesh, one folder. Absolute. */
  readonly stateDir: string;
  readonly mode: Mode;
  readonly envoyPath: string;
  readonly envoyLogLevel?: string;
  readonly xds: {
    /** As proxies reach it; the host's own `address` by default. */
    readonly address?: string;
    readonly port: number;
    /** PEM of the roots that the control plane's certificate is checked against. Absent: plaintext, without a token. */
    readonly rootCertFile?: string;
  };
  /** A token that proves the identity of a Pod to the control plane: a JWT with `exp`. Asked again before it expires. */
  readonly tokenFor: (
    identity: Identity,
    pod: { readonly namespace: string; readonly name: string; readonly uid: string },
  ) => Promise<string>;
  readonly trustDomain: string;
  readonly clusterDomain?: string;
  readonly kubeCluster?: string;
  readonly meshId?: string;
  readonly nodeName?: string;
  readonly locality?: { readonly region: string; readonly zone: string; readonly subzone: string };
  readonly doors?: readonly Door[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Program and arguments that run `keeperMain`; from the sources by default. */
  readonly keeperCommand?: readonly string[];
  /** Environment that applications begin with; that of this process by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Folder of the `node` that applications find first; that of this process by default. */
  readonly nodeFolder?: string;
  /** User that applications run as. By default the one who called sudo; in a user namespace the one outside of it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Longest time that a stop of the whole mesh gives an application. Milliseconds; 3000 by default. */
  readonly stopGraceMs?: number;
  /** Has the last word on the bootstrap of a proxy that starts. */
  readonly bootstrapOverride?: (
    bootstrap: Record<string, unknown>,
    pod: {
      readonly namespace: string;
      readonly name: string;
      readonly ip: string;
      readonly applicationIp: string;
      readonly workload: string;
    },
  ) => Record<string, unknown>;
}
