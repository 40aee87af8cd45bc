import { ASKED, ClientState, NOTHING, type Plan } from "./client-state.ts";
import type { AckState, ResourceSet, XdsResource } from "./resource.ts";
import {
  type AskedEndpoints,
  type Former,
  type InFlight,
  type Part,
  partsOf,
  UNKNOWN,
  unansweredSuspects,
  versionOf,
  withdrawalOf,
} from "./search.ts";
import { Subscription } from "./subscription.ts";
import { TYPE } from "./type-url.ts";

/** A version that this stream refused. */
export interface Rejected {
  readonly resource: XdsResource;
  readonly error: string;
  /** The version that it goes on running; "" when none is known. */
  readonly running: string;
}

/** What a refused response meant. */
export interface NackOutcome {
  readonly resources: readonly XdsResource[];
  /** One resource alone was refused: it is the bad one. Else its parts are sent again to find out. */
  readonly isolated: boolean;
}

/** How long after it is overdue an unanswered response of clusters is taken for one with a refused cluster in it. */
const DOUBT_MS = 4_000;

/** Unanswered responses that are remembered; older ones count as lost. */
const REMEMBERED = 8;

/** One type on one delta stream: what was asked for, sent, taken and refused. It has no timers and sends nothing. */
export class DeltaType {
  readonly typeUrl: string;
  readonly subscription: Subscription;
  readonly #client: ClientState;
  readonly #rejected = new Map<string, Rejected>();
  readonly #refused = (resource: XdsResource) =>
    this.#rejected.get(resource.name)?.resource.version === resource.version;
  #inFlight: InFlight[] = [];
  /** Parts of a refused response that are sent alone, to find the bad resource; the last is next. */
  readonly #parts: Part[] = [];
  /** What the client runs of these names, where it is not what `base` or a response's `before` says. */
  readonly #formers = new Map<string, Former>();
  /** Versions that were withdrawn once because no answer came: not again, they may be slow. By name. */
  readonly #doubted = new Map<string, string>();
  /** A wildcard subscription is answered even when there is nothing. */
  #answerDue = false;
  #begun = false;

  constructor(typeUrl: string) {
    this.typeUrl = typeUrl;
    this.subscription = new Subscription(typeUrl);
    this.#client = new ClientState(this.subscription);
  }

  /** First request on the stream, or a later one. Returns the names that were asked for now. */
  request(
    subscribe: readonly string[],
    unsubscribe: readonly string[],
    versions: Record<string, string>,
  ): readonly string[] {
    const first = !this.#begun;
    this.#begun = true;
    const star = subscribe.includes("*") || (first && subscribe.length === 0 && this.subscription.wildcardWhenEmpty);
    if (star && !this.subscription.wildcard) this.#setWildcard(true);
    const asked = star ? subscribe.filter((name) => name !== "*") : subscribe;
    if (!this.#client.askAll(asked)) for (const name of asked) this.#client.ask(name);
    if (first) this.#resume(versions);
    for (const name of unsubscribe) this.#drop(name);
    return star ? ["*", ...asked] : asked;
  }

  want(set: ResourceSet): void {
    this.#client.want(set);
  }

  /** What differs between client and wish; nothing before a wish is known. */
  plan(): Plan {
    const client = this.#client;
    const part = this.#parts.at(-1);
    if (part?.withdrawal) {
      const names = part.names.filter((name) => this.subscription.has(name));
      return withdrawalOf(names, (name) => this.#former(name, part.before));
    }
    if (part) return client.planOf(part.names, this.#refused);
    if (!client.wanted || (client.base === client.wanted && client.exceptions === 0)) return NOTHING;
    const shared = this.#rejected.size > 0 ? undefined : client.shared();
    return shared ?? client.individual(this.#refused);
  }

  /** Whether an answer without content is owed. */
  get answerDue(): boolean {
    return this.#answerDue && this.#client.wanted !== undefined;
  }

  /** Some response is neither answered nor overdue. */
  waiting(now: number): boolean {
    return this.#inFlight.some((response) => response.overdueAt > now);
  }

  /** Some response is not answered, overdue or not. */
  get unanswered(): boolean {
    return this.#inFlight.length > 0;
  }

  /** Some resource was sent and is neither answered nor overdue. */
  warming(now: number): boolean {
    return this.#inFlight.some((response) => response.overdueAt > now && response.changed.length > 0);
  }

  /** When the last unanswered response stops holding up others; undefined when none does. */
  overdueAt(now: number): number | undefined {
    const pending = this.#inFlight.map((response) => response.overdueAt).filter((at) => at > now);
    return pending.length > 0 ? Math.max(...pending) : undefined;
  }

  get begun(): boolean {
    return this.#begun;
  }

  /** A part of a refused response is being tried. */
  get probing(): boolean {
    return this.#parts.length > 0;
  }

  /** Takes a plan as sent; with `held`, without its removals. Returns the names that the response lists as removed. */
  sent(plan: Plan, held: boolean, response: { nonce: string; overdueAt: number }): readonly string[] {
    const removed = held ? plan.absent : [...plan.absent, ...plan.removed];
    const part = this.#parts.pop();
    const before = part?.before ?? this.#client.base;
    const withdrawal = part?.withdrawal ?? false;
    if (!part) this.#rememberUnknown(plan.changed);
    const sent = { changed: plan.changed, removed, before, withdrawal, doubtAt: response.overdueAt + DOUBT_MS };
    this.#inFlight = [...this.#inFlight.slice(1 - REMEMBERED), { ...sent, ...response }];
    this.#answerDue = false;
    if (part?.withdrawal) {
      for (const name of part.names) this.#client.set(name, ASKED);
    } else if (part) {
      for (const resource of plan.changed) this.#client.set(resource.name, resource.version);
      for (const name of removed) this.#client.forget(name);
    } else {
      this.#settle(held ? plan.removed : []);
    }
    if (!withdrawal) for (const name of removed) this.#formers.delete(name);
    return removed;
  }

  /** The plan held nothing to send: client and wish agree, but for what was refused. */
  settleQuietly(): void {
    const client = this.#client;
    if (this.#parts.length > 0) this.#parts.pop();
    else if (client.wanted && (client.base !== client.wanted || client.exceptions > this.#rejected.size))
      this.#settle([]);
  }

  /** The client took the response. Undefined when the nonce is not known. */
  ack(nonce: string): InFlight | undefined {
    const response = this.#takeInFlight(nonce);
    if (!response || response.withdrawal) return response;
    if (this.#rejected.size + this.#formers.size + this.#doubted.size === 0) return response;
    for (const resource of response.changed) {
      if (this.#client.has(resource.name) === ASKED) continue;
      this.#formers.delete(resource.name);
      this.#doubted.delete(resource.name);
      if (!this.#refused(resource)) this.#rejected.delete(resource.name);
    }
    return response;
  }

  /**
   * The client refused the response: a single resource is not sent again in this version; of several, those that it names are tried alone, or
   * each half.
   */
  nack(nonce: string, error: string): NackOutcome | undefined {
    const response = this.#takeInFlight(nonce);
    if (!response || response.withdrawal) return undefined;
    const { before, changed } = response;
    const isolated = changed.length <= 1;
    for (const resource of changed) {
      const former = this.#former(resource.name, before);
      this.#formers.set(resource.name, former);
      this.#doubted.delete(resource.name);
      this.#client.set(resource.name, ASKED);
      if (isolated) this.#rejected.set(resource.name, { resource, error, running: versionOf(former) });
    }
    this.#parts.push(...partsOf(this.typeUrl, response, error));
    // Whether the removals were applied is not known. A refusal of removals alone is not argued with.
    if (changed.length > 0) for (const name of response.removed) this.#client.set(name, ASKED);
    return { resources: changed, isolated };
  }

  /**
   * Clusters alone. Envoy refuses one whose load balancer cannot be made, and yet counts it among those that warm up: while there is such a
   * one it answers for no cluster, until that one changes or goes. So, where no answer comes, what may be it is withdrawn: then Envoy says
   * which it refused.
   */
  doubt(now: number, asked: AskedEndpoints): void {
    if (this.probing || this.waiting(now)) return;
    const response = this.#inFlight.find((one) => !one.withdrawal && one.doubtAt <= now);
    if (!response) return;
    const { before } = response;
    const open = response.changed.filter(({ name, version }) => this.#doubted.get(name) !== version);
    const suspects = unansweredSuspects(open, (name) => this.#former(name, before), asked);
    const doubtAt = suspects.length > 0 ? now + DOUBT_MS : Number.POSITIVE_INFINITY;
    this.#inFlight = this.#inFlight.map((one) => (one === response ? { ...one, doubtAt } : one));
    if (suspects.length === 0) return;
    for (const { name, version } of suspects) {
      this.#doubted.set(name, version);
      this.#formers.set(name, this.#former(name, before));
    }
    this.#parts.push({ names: suspects.map(({ name }) => name), before, withdrawal: true });
  }

  /** When to look for what holds up an answer; undefined when nothing does. */
  doubtAt(now: number): number | undefined {
    const times = this.#inFlight.filter((one) => !one.withdrawal && one.doubtAt > now).map((one) => one.doubtAt);
    const next = Math.min(...times);
    return Number.isFinite(next) ? next : undefined;
  }

  /** The client will need these again, although they have not changed. */
  resend(names: Iterable<string>): void {
    for (const name of names) this.#client.set(name, ASKED);
  }

  get rejected(): ReadonlyMap<string, Rejected> {
    return this.#rejected;
  }

  /** What the client said of one resource; undefined when it has nothing to do with it. */
  state(name: string): AckState | undefined {
    const rejected = this.#rejected.get(name);
    if (rejected) return { version: rejected.running, sent: rejected.resource.version, error: rejected.error };
    const has = this.#client.has(name);
    if (has === undefined || has === ASKED || !this.subscription.has(name)) return undefined;
    const pending = this.#inFlight.find((response) => response.changed.some((resource) => resource.name === name));
    return pending ? { version: versionOf(this.#former(name, pending.before)), sent: has } : { version: has };
  }

  #setWildcard(on: boolean): void {
    this.#client.setWildcard(on);
    this.#answerDue = on;
  }

  #resume(versions: Record<string, string>): void {
    for (const [name, version] of Object.entries(versions)) {
      if (!this.subscription.has(name) || version === ASKED) continue;
      this.#client.set(name, version);
      this.#answerDue = false;
    }
  }

  #drop(name: string): void {
    if (name !== "*") {
      this.#client.drop(name);
      if (this.subscription.has(name)) return;
      for (const map of [this.#rejected, this.#formers, this.#doubted]) map.delete(name);
    } else if (this.subscription.wildcard) {
      this.#setWildcard(false);
    }
  }

  #settle(held: readonly string[]): void {
    for (const [name, rejected] of this.#rejected) {
      if (this.#client.find(name)?.version !== rejected.resource.version) this.#rejected.delete(name);
    }
    this.#client.settle([...held, ...this.#rejected.keys()]);
  }

  #former(name: string, before: ResourceSet): Former {
    return this.#formers.has(name) ? this.#formers.get(name) : before.resources.get(name);
  }

  /** After a reconnection: what the client runs in a version that is not the one that is being sent. */
  #rememberUnknown(changed: readonly XdsResource[]): void {
    if (this.typeUrl !== TYPE.cluster || this.#client.exceptions === 0) return;
    for (const { name } of changed) {
      const has = this.#client.has(name);
      if (has === undefined || has === ASKED || this.#formers.has(name)) continue;
      if (this.#client.base.resources.get(name)?.version !== has) this.#formers.set(name, UNKNOWN);
    }
  }

  #takeInFlight(nonce: string): InFlight | undefined {
    const found = this.#inFlight.find((response) => response.nonce === nonce);
    if (found) this.#inFlight = this.#inFlight.filter((response) => response !== found);
    return found;
  }
}
