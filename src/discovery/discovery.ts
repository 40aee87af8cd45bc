import type { Change, SourceEvent } from "../model/change.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { type Identity, spiffeId } from "../model/identity.ts";
import type { Proxy } from "../model/proxy.ts";
import { apply, empty, type Snapshot } from "../model/snapshot.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { Tracker } from "../track/tracker.ts";
import { GRPC, type Refusal } from "../xds/grpc.ts";
import type { ProxyConfig, ResourceSet } from "../xds/resource.ts";
import type { Session } from "../xds/session.ts";
import { TYPE } from "../xds/type-url.ts";
import { DiscoverySelectors } from "./discovery-selectors.ts";
import type { EagerPolicy } from "./eager-policy.ts";
import { proxyOfNode } from "./node.ts";
import type { PatchedBy } from "./patch-findings.ts";
import { bothSecrets, credentialSet, credentialsKey } from "./resources/credentials.ts";
import { patchedBy, proxyConfig, proxyKey } from "./resources/proxy.ts";

/** Who opened a stream. Without an identity (a plaintext port) it gets no secrets. */
export interface Peer {
  readonly identity?: Identity;
  /** The one Pod that the shown token is bound to; absent where a certificate was shown, or the token is bound to none. */
  readonly pod?: string;
  /** The same Pod's uid, where the token says it. */
  readonly podUid?: string;
}

/** Certificates of proxies, as resources. */
export interface Secrets {
  /** The secrets that an identity's proxies may have; undefined until they are made: then `onChange` is called. */
  of(identity: Identity): ResourceSet | undefined;
  /** No proxy of this identity is left. */
  release(identity: Identity): void;
  onChange(listener: () => void): void;
}

export interface DiscoveryOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly trustDomain: string;
  /** Names of the sources that must have spoken before any proxy is served. */
  readonly sources: readonly string[];
  readonly secrets?: Secrets;
  /** What sidecars have from the start; `all` by default. */
  readonly eager?: EagerPolicy;
  /** Configuration of a proxy could not be made. */
  readonly onFault?: () => void;
  /** A proxy's configuration became another, and was handed on to be sent. */
  readonly onServed?: (served: Handed) => void;
}

/** How long a proxy's new configuration took. */
export interface Handed {
  /** Type URLs of what is another now. */
  readonly types: readonly string[];
  /** From the first news until it was this proxy's turn. Milliseconds. */
  readonly waitedMs: number;
  /** Its configuration made, of all types together, and handed on. Milliseconds. */
  readonly madeMs: number;
}

/** A proxy that is connected now. */
export interface ConnectedProxy {
  readonly proxy: Proxy;
  readonly session: Session<Peer>;
  /** What it shall have. */
  readonly config: ProxyConfig;
  /** Milliseconds since the epoch of the last push that changed something. */
  readonly changedAt: number;
}

interface Served extends ConnectedProxy {
  readonly key: string;
}

/** The one stateful loop: it gathers changes, advances the snapshot, asks what each proxy shall have, and pushes what differs. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #tracker = new Tracker(empty);
  readonly #selectors = new DiscoverySelectors();
  readonly #served = new Map<number, Served>();
  readonly #waiting = new Set<string>();
  readonly #diagnostics = new Map<string, readonly Diagnostic[]>();
  readonly #listeners = new Set<() => void>();
  #whole = empty;
  #pending: Change[] = [];
  /** When the news came that the next flush is for; undefined: there are none. */
  #scheduled: number | undefined;
  #synced = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    for (const source of options.sources) this.#waiting.add(source);
    options.secrets?.onChange(() => this.#schedule());
  }

  /** All that the sources told, also of namespaces that `discoverySelectors` leave out. */
  get snapshot(): Snapshot {
    return this.#whole;
  }

  /** The tracker, for other readers of the same steps (analysis). Its snapshot is what proxies are told of. */
  get tracker(): Tracker {
    return this.#tracker;
  }

  /** Whether every source has spoken, and the snapshot has what they said. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Whether the snapshot has all that the sources have told. */
  get current(): boolean {
    return this.#pending.length === 0;
  }

  /** Names of the sources that have not spoken yet. */
  get waiting(): ReadonlySet<string> {
    return this.#waiting;
  }

  /** What the sources refused, by source. */
  diagnostics(): readonly Diagnostic[] {
    return [...this.#diagnostics.values()].flat();
  }

  proxies(): readonly ConnectedProxy[] {
    return [...this.#served.values()];
  }

  /** Calls `listener` after each change of the snapshot, of what is served, or of who is connected; the answer ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What patches do to the proxies that are connected. */
  patched(): readonly PatchedBy[] {
    return [...this.#served.values()].map(({ proxy, key }) => ({ proxy, patched: this.#tracker.ask(patchedBy, key) }));
  }

  /** Takes what a source tells. */
  apply(source: string, event: SourceEvent): void {
    this.#waiting.delete(source);
    this.#diagnostics.set(source, event.diagnostics);
    for (const change of event.changes) this.#pending.push(change);
    this.#schedule();
  }

  /** Admits a proxy by its node and verified identity. */
  open(session: Session<Peer>): Refusal | undefined {
    const proxy = proxyOfNode(session.node, session.peer, this.#options.trustDomain);
    if ("refused" in proxy) {
      this.#options.log.warn("proxy refused", { node: session.node.id, reason: proxy.refused });
      return { status: GRPC.permissionDenied, message: proxy.refused };
    }
    this.#served.set(session.id, {
      proxy,
      session,
      key: proxyKey(proxy, this.#options.eager),
      config: new Map(),
      changedAt: this.#options.clock.now(),
    });
    if (this.synced) this.#serve(session.id);
    this.#tell();
    return undefined;
  }

  /** Forgets a proxy and all that only it needed. */
  close(session: Session<Peer>): void {
    const gone = this.#served.get(session.id);
    if (gone === undefined) return;
    this.#served.delete(session.id);
    this.#release(gone);
    const left = [...this.#served.values()];
    const { identity } = gone.proxy;
    if (identity && !left.some((s) => s.proxy.identity && spiffeId(s.proxy.identity) === spiffeId(identity))) {
      this.#options.secrets?.release(identity);
    }
    this.#tell();
  }

  /** A proxy has these labels from now on, and not those that its node says. `id` is its session's. */
  relabel(id: number, labels: Proxy["labels"]): void {
    const before = this.#served.get(id);
    if (before === undefined || before.proxy.labels === labels) return;
    const proxy = { ...before.proxy, labels };
    this.#served.set(id, { ...before, proxy, key: proxyKey(proxy, this.#options.eager) });
    this.#release(before);
    if (this.synced) this.#serve(id);
  }

  /** A proxy answered: how far it is has changed. */
  answered(): void {
    this.#tell();
  }

  /** Drops the answers that no other proxy asks for. */
  #release({ key, proxy }: Served): void {
    const left = [...this.#served.values()];
    if (!left.some((s) => s.key === key)) {
      this.#tracker.release(proxyConfig, key);
      this.#tracker.release(patchedBy, key);
    }
    const named = credentialsKey(proxy);
    if (named !== undefined && !left.some((s) => credentialsKey(s.proxy) === named))
      this.#tracker.release(credentialSet, named);
  }

  #schedule(): void {
    if (this.#scheduled !== undefined) return;
    const since = this.#options.clock.now();
    this.#scheduled = since;
    this.#options.clock.after(0, () => {
      this.#scheduled = undefined;
      this.#flush(since);
    });
  }

  #flush(since: number): void {
    const changes = this.#pending;
    this.#pending = [];
    if (changes.length > 0) {
      this.#whole = apply(this.#whole, changes);
      this.#tracker.advance(this.#selectors.of(this.#whole));
    }
    this.#synced ||= this.#waiting.size === 0;
    if (this.synced) for (const id of this.#served.keys()) this.#serve(id, since);
    this.#tell();
  }

  /** `since` is when the news came that it is for; absent: now. */
  #serve(id: number, since = this.#options.clock.now()): void {
    const served = this.#served.get(id);
    if (served === undefined) return;
    const { clock, onServed } = this.#options;
    const begun = clock.now();
    try {
      const config = this.#withSecrets(served.proxy, this.#tracker.ask(proxyConfig, served.key));
      if (sameSets(config, served.config)) return;
      this.#served.set(id, { ...served, config, changedAt: clock.now() });
      served.session.push(config);
      const types = [...config].flatMap(([type, set]) => (served.config.get(type) === set ? [] : [type]));
      onServed?.({ types, waitedMs: begun - since, madeMs: clock.now() - begun });
    } catch (error) {
      // A translation that throws is a bug; this proxy keeps what it has, the others go on.
      this.#options.onFault?.();
      this.#options.log.error("configuration of a proxy failed", {
        proxy: served.proxy.id,
        error: (error as Error).stack ?? String(error),
      });
    }
  }

  /** The identity's own certificate and the credentials that its configuration names. A proxy that nobody vouched for gets neither. */
  #withSecrets(proxy: Proxy, config: ProxyConfig): ProxyConfig {
    const key = credentialsKey(proxy);
    if (key === undefined || proxy.identity === undefined) return config;
    const own = this.#options.secrets?.of(proxy.identity);
    const secrets = bothSecrets(own, this.#tracker.ask(credentialSet, key));
    return secrets === undefined ? config : new Map([...config, [TYPE.secret, secrets]]);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function sameSets(a: ProxyConfig, b: ProxyConfig): boolean {
  return a.size === b.size && [...a].every(([type, set]) => b.get(type) === set);
}
