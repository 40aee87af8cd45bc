import type { Ref } from "../model/resource.ts";
import type { LogContainer } from "./cli-contract.ts";
import type { AppliedObject } from "./contract/apply.ts";
import type { CertificatesAnswer, ReissueAnswer, RootAnswer } from "./contract/certificates.ts";
import type { ConfigChange } from "./contract/changes.ts";
import type { DeletedObject } from "./contract/deleted.ts";
import type { LogLevel, LogLevels } from "./contract/log-levels.ts";
import type { ConfigDumpResource, ConfigType } from "./contract/proxy-config.ts";
import type { SearchRequests } from "./requests-routes.ts";
import type { OpenTap } from "./tap-routes.ts";
import type { Caller, Change, Subject } from "./who/caller.ts";

/** Why an object may not be changed by who asks, in a sentence; undefined where it may. */
export type Permit = (change: Change) => Promise<string | undefined>;

/** How a change is made. */
export interface ChangeOptions {
  readonly dryRun: boolean;
  readonly permit: Permit;
  /** Who asks; their name, and a token of theirs that an API server takes. */
  readonly caller?: Pick<Subject, "name" | "groups" | "how" | "bearer">;
  /** What objects said when they were seen, by `TYPE/NAMESPACE/NAME`. */
  readonly bases?: ReadonlyMap<string, string>;
  /** Fields that others manage become the console's. */
  readonly force?: boolean;
  /** Told by which id the change can be taken back. */
  readonly kept?: (id: string) => void;
}

type MaybeLater<T> = T | Promise<T>;

/** What came of taking a change back. */
export type TakenBack =
  | { readonly objects: readonly AppliedObject[] }
  /** Why it cannot be: something else was changed since. */
  | { readonly conflict: string }
  | { readonly forbidden: string };

/** Of one logger, or of all. */
export interface LevelChange {
  readonly logger?: string;
  readonly level: LogLevel;
}

/** What the API can do to the mesh; `main` makes it. A missing part is answered with 501 and a sentence. */
export interface MeshActions {
  /** What the control plane sent to a proxy, decoded, with origins. Undefined for a proxy that is not known. */
  readonly sentConfig?: (proxyId: string, type: ConfigType) => Promise<readonly ConfigDumpResource[] | undefined>;
  /** The same, asked of the proxy's own Envoy (`/config_dump`). Rejects where it does not answer. */
  readonly envoyConfig?: (proxyId: string, type: ConfigType) => Promise<readonly ConfigDumpResource[] | undefined>;
  /** Validates a text of objects and, unless it is a dry run, writes what is valid into the overlay. `folder`: absolute, where its file lies. */
  readonly apply?: (
    text: string,
    options: ChangeOptions & { readonly folder?: string },
  ) => Promise<readonly AppliedObject[]>;
  readonly remove?: (text: string, options: ChangeOptions) => Promise<readonly AppliedObject[]>;
  /** What was applied and removed here, the latest first. */
  readonly changes?: () => readonly ConfigChange[];
  /** Puts back what a change touched, or one object of it; undefined for what is not kept. */
  readonly takeBack?: (
    id: string,
    permit: Permit,
    only: Ref | undefined,
    caller: Caller,
  ) => Promise<TakenBack | undefined>;
  /** Why somebody cannot change anything here, whatever their rights; undefined where they can. Absent: everybody can who may. */
  readonly cannotWrite?: (caller: Caller) => Promise<string | undefined>;
  /** What was deleted of late and can be brought back, the latest first. */
  readonly deleted?: () => readonly DeletedObject[];
  /** Resolves when what `apply` or `remove` wrote was read and asked of discovery; proxies are then watched until all have it. */
  readonly settled?: (signal: AbortSignal) => Promise<void>;
  /** Lines of a pod's log (without line ends), oldest first; undefined for a pod that does not run here. Ends when the signal aborts. */
  readonly logs?: (
    pod: { readonly name: string; readonly namespace: string | undefined },
    options: {
      readonly container: LogContainer;
      readonly follow: boolean;
      readonly tail: number | undefined;
      /** Which lines are wanted, `tail` of them; absent: all. Others that come, too, are left out later. */
      readonly keep?: (line: string) => boolean;
      /** Of the container before it was started again; where there are none such, they are as now. */
      readonly previous?: boolean;
      /** In a cluster they are read as who asks. */
      readonly caller: Caller;
      readonly signal: AbortSignal;
    },
  ) => MaybeLater<AsyncIterable<string> | undefined>;
  /** How much a proxy's loggers write, after it was changed where that is asked for; undefined for a proxy that is not known. Rejects where it does not answer. */
  readonly logLevels?: (proxyId: string, change?: LevelChange) => Promise<LogLevels["loggers"] | undefined>;
  /** Every certificate that is known; with `live` each proxy's Envoy is asked what it has. */
  readonly certificates?: (live: boolean) => Promise<CertificatesAnswer>;
  /** Replaces the certificates of all workloads. Rejects where the authority cannot sign. */
  readonly reissue?: () => Promise<ReissueAnswer>;
  /** Makes the next root; with `now` it signs at once, before anybody has heard of it. Rejects with words for people. */
  readonly rotateRoot?: (now: boolean) => Promise<RootAnswer>;
  /** Makes a new root where the key of the old one is lost. Rejects with words for people. */
  readonly recoverRoot?: () => Promise<RootAnswer>;
  /** Watches requests as they end. */
  readonly tap?: OpenTap;
  /** Requests that are kept. */
  readonly requests?: SearchRequests;
  /** Sets labels that say whether Pods get a sidecar, on a namespace or on the Pods of one workload; null takes one away. Rejects with a Refusal. */
  readonly inject?: (
    of: {
      readonly namespace: string;
      readonly workload: string | undefined;
      readonly labels: Readonly<Record<string, string | null>>;
    },
    how: { readonly dryRun: boolean; readonly caller: Caller; readonly permit: Permit },
  ) => Promise<{ readonly kind: string; readonly patch: unknown; readonly warnings: readonly string[] }>;
  /** Begins to stop the mesh. */
  readonly shutdown?: () => void;
}
