import type { AccessReport } from "../model/access.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Proxy as MeshProxy } from "../model/proxy.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ChangeEvent } from "./contract/events.ts";

/** What the API reads of the running mesh. `main` makes it of discovery's and the host's parts; each answer is of this moment. */
export interface MeshState {
  about(): MeshAbout;
  snapshot(): Snapshot;
  /** Everything that is wrong with the configuration now: refused texts, and findings of the analysers. */
  diagnostics(): readonly Diagnostic[];
  /** Proxies that are connected, and those that were and shall be again. */
  proxies(): readonly ProxyStatus[];
  /** Pods that run. Where the snapshot has them with Kubernetes' status, `podsOf(snapshot)` makes them. */
  pods(): readonly PodStatus[];
  /** An origin (`reviews.yaml:14:1`, as in `Origin.at` and `XdsResource.origins`) → proxies that hold a resource made of it. */
  holders(): ReadonlyMap<string, { readonly total: number; readonly acked: number }>;
  /** What proxies told of requests. */
  access(): AccessReport;
  /** Calls `listener` when an answer under that topic would be another; the answer ends it. Traffic is told by the store. */
  onChange(listener: (topic: ChangeEvent["topic"]) => void): () => void;
}

export interface MeshAbout {
  readonly name: string;
  readonly version: string;
  readonly envoyVersion: string;
  readonly trustDomain: string;
  /** Addresses of gateways on this machine: `http://localhost:8080`. */
  readonly doors: readonly string[];
  readonly startedAt: number;
  /** Name of this control plane where proxies hang on others, too. */
  readonly replica?: string;
  /** Resident memory of the control plane in bytes, and the share of one core that it used since it started. */
  readonly usage?: { readonly memory: number; readonly cpu: number };
}

/** A proxy and how far it is. */
export interface ProxyStatus {
  readonly proxy: MeshProxy;
  readonly connected: boolean;
  /** CDS, LDS, EDS, RDS, SRDS, SDS → its state; a type that nothing was sent of is absent. */
  readonly types: ReadonlyMap<string, TypeStatus>;
  readonly lastAckAt?: number;
  /** Since when what it shall have is what it shall have: milliseconds since the epoch of the last push that changed something. */
  readonly changedAt?: number;
  readonly certificateExpiresAt?: number;
  readonly envoyVersion?: string;
  /** How often its Envoy was started again. */
  readonly restarts: number;
}

/** Resources of one type: in sync when as many were acknowledged as were sent. */
export interface TypeStatus {
  readonly sent: number;
  readonly acked: number;
  /** Envoy's own words for what it refused. */
  readonly error?: string;
  /** What the refused resource was made of: `reviews.yaml:14:1`. */
  readonly origins?: readonly string[];
}

export interface PodStatus {
  readonly namespace: string;
  readonly name: string;
  /** The Deployment or the like that it belongs to. */
  readonly workload: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly ip?: string;
  readonly ready: boolean;
  /** `none` where no application stands behind the proxy, as with a gateway. */
  readonly application: "running" | "starting" | "crashed" | "none";
  readonly restarts: number;
  /** Why it is not ready: `exited with code 1`. */
  readonly message?: string;
}
