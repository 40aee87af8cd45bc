import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { KubernetesClient } from "./client.ts";
import { KubernetesError, orNothing } from "./error.ts";

export interface LeaseOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  /** Who asks: unique among all that do. */
  readonly identity: string;
  /** How long a lease counts that nobody renews; 15 s by default. */
  readonly durationMs?: number;
  /** Told when it is held from now on, and when it is not any more. */
  readonly onChange: (held: boolean) => void;
}

interface Spec {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

interface Lease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec?: Spec;
}

/**
 * One of several that may hold a Lease. As Kubernetes' own controllers do, a holder that could not renew it for two thirds of its duration steps
 * down, and the others wait for the whole of it since they last saw a change, by their own clocks: two never hold it at once.
 */
export class Candidate {
  readonly #options: LeaseOptions;
  readonly #all: string;
  readonly #durationMs: number;
  #held = false;
  #stopped = false;
  /** What was seen last, and when by our clock. */
  #seen: { readonly version: string; readonly at: number } | undefined;
  #cancelStep = () => {};
  #cancelDeadline = () => {};
  #running: Promise<void>;

  /** Begins at once. */
  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#durationMs = options.durationMs ?? 15_000;
    this.#all = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
    this.#running = this.#step();
  }

  get held(): boolean {
    return this.#held;
  }

  /** Gives it back, so that another need not wait until it ends. */
  async stop(): Promise<void> {
    const { client, identity, name } = this.#options;
    this.#stopped = true;
    this.#cancelStep();
    await this.#running;
    this.#cancelDeadline();
    const was = this.#held;
    this.#become(false);
    if (was) await release(client, `${this.#all}/${name}`, identity).catch(() => {});
  }

  async #step(): Promise<void> {
    const { clock, random, log, namespace, name } = this.#options;
    try {
      await this.#attempt();
    } catch (error) {
      // 409: another was faster; the next attempt will see it.
      if (!(error instanceof KubernetesError && error.code === 409))
        log.warn("lease not renewed", { lease: `${namespace}/${name}`, error: (error as Error).message });
    }
    if (this.#stopped) return;
    this.#cancelStep = clock.after((this.#durationMs / 6) * (0.8 + 0.4 * random.next()), () => {
      this.#running = this.#step();
    });
  }

  async #attempt(): Promise<void> {
    const { client, clock, namespace, name } = this.#options;
    const askedAt = clock.now();
    const timeoutMs = this.#durationMs / 3;
    const found = await orNothing(client.ask<Lease>(`${this.#all}/${name}`, { timeoutMs }));
    const spec = this.#wanted(found, askedAt);
    if (spec === undefined) {
      this.#cancelDeadline();
      return this.#become(false);
    }
    const metadata = { name, namespace, ...(found && { resourceVersion: found.metadata.resourceVersion }) };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
    if (found === undefined) await client.ask(this.#all, { method: "POST", body, timeoutMs });
    else await client.ask(`${this.#all}/${name}`, { method: "PUT", body, timeoutMs });
    if (this.#stopped) return;
    this.#cancelDeadline();
    const left = askedAt + (this.#durationMs * 2) / 3 - clock.now();
    this.#cancelDeadline = clock.after(left, () => this.#become(false));
    this.#become(true);
  }

  /** The lease as this candidate would have it; undefined while another holds it. */
  #wanted(found: Lease | undefined, now: number): Spec | undefined {
    const renewTime = micro(now);
    const ours = {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
      renewTime,
    };
    if (found === undefined) return { ...ours, acquireTime: renewTime, leaseTransitions: 0 };
    const { metadata, spec = {} } = found;
    if (this.#seen?.version !== metadata.resourceVersion) this.#seen = { version: metadata.resourceVersion, at: now };
    const holder = spec.holderIdentity ?? "";
    if (holder === ours.holderIdentity) return { ...spec, ...ours };
    const endsAfterMs = Math.max((spec.leaseDurationSeconds ?? 0) * 1000, this.#durationMs);
    if (holder !== "" && now - this.#seen.at < endsAfterMs) return undefined;
    return { ...ours, acquireTime: renewTime, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 };
  }

  #become(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    const { log, namespace, name, identity, onChange } = this.#options;
    log.info(held ? "leads from now on" : "leads no longer", { lease: `${namespace}/${name}`, identity });
    onChange(held);
  }
}

async function release(client: KubernetesClient, path: string, identity: string): Promise<void> {
  const { metadata, spec = {} } = await client.ask<Lease>(path, { timeoutMs: 2000 });
  if (spec.holderIdentity !== identity) return;
  const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: { ...spec, holderIdentity: "" } };
  await client.ask(path, { method: "PUT", body, timeoutMs: 2000 });
}

/** Kubernetes' MicroTime. */
function micro(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
