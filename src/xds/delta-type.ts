import { ASKED, ClientState, NOTHING, type Plan } from "./client-state.ts";
import type { AckState, ResourceSet, XdsResource } from "./resource.ts";
import { Subscription } from "./subscription.ts";

/** A response that is not answered yet. */
export interface InFlight {
  readonly nonce: string;
  readonly changed: readonly XdsResource[];
  readonly removed: readonly string[];
  /** Past this moment it no longer holds up what comes after it. Milliseconds since the epoch. */
  readonly overdueAt: number;
  /** What the client had before, for names whose version it is not known to have left. */
  readonly before: ResourceSet;
}

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
  readonly #parts: { readonly names: readonly string[]; readonly before: ResourceSet }[] = [];
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
    this.#inFlight = [...this.#inFlight.slice(1 - REMEMBERED), { changed: plan.changed, removed, before, ...response }];
    this.#answerDue = false;
    if (part) {
      for (const resource of plan.changed) this.#client.set(resource.name, resource.version);
      for (const name of removed) this.#client.forget(name);
    } else {
      this.#settle(held ? plan.removed : []);
    }
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
    if (!response || this.#rejected.size === 0) return response;
    for (const resource of response.changed) if (!this.#refused(resource)) this.#rejected.delete(resource.name);
    return response;
  }

  /** The client refused the response: a single resource is not sent again in this version, of several each half is tried alone. */
  nack(nonce: string, error: string): NackOutcome | undefined {
    const response = this.#takeInFlight(nonce);
    if (!response) return undefined;
    const { before, changed } = response;
    const isolated = changed.length <= 1;
    for (const resource of changed) {
      this.#client.set(resource.name, ASKED);
      const running = before.resources.get(resource.name)?.version ?? "";
      if (isolated) this.#rejected.set(resource.name, { resource, error, running });
    }
    if (!isolated) {
      const names = changed.map((resource) => resource.name);
      const middle = Math.ceil(names.length / 2);
      this.#parts.push({ names: names.slice(middle), before }, { names: names.slice(0, middle), before });
    }
    // Whether the removals were applied is not known. A refusal of removals alone is not argued with.
    if (changed.length > 0) for (const name of response.removed) this.#client.set(name, ASKED);
    return { resources: changed, isolated };
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
    return pending ? { version: pending.before.resources.get(name)?.version ?? "", sent: has } : { version: has };
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
      if (!this.subscription.has(name)) this.#rejected.delete(name);
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

  #takeInFlight(nonce: string): InFlight | undefined {
    const found = this.#inFlight.find((response) => response.nonce === nonce);
    if (found) this.#inFlight = this.#inFlight.filter((response) => response !== found);
    return found;
  }
}
