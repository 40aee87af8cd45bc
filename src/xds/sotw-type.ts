import { difference, EMPTY_SET, type Whole, wholeOf, wholeOfResources } from "./difference.ts";
import type { AckState, ResourceSet, XdsResource } from "./resource.ts";
import { Subscription } from "./subscription.ts";
import { WHOLE_STATE } from "./type-url.ts";

/** The last response. */
interface Sent {
  readonly nonce: string;
  readonly resources: readonly XdsResource[];
  readonly overdueAt: number;
  readonly answered: boolean;
}

/** What the client answered to the last response. */
export interface SotwAnswer {
  readonly resources: readonly XdsResource[];
  readonly error?: string;
}

/** One type on one state-of-the-world stream. It has no timers and sends nothing. */
export class SotwType {
  readonly typeUrl: string;
  readonly subscription: Subscription;
  #wanted: ResourceSet | undefined;
  /** What was sent last, of which the client has what it asked for. */
  #base: ResourceSet = EMPTY_SET;
  #version = "";
  #due = false;
  /** Names that wait for an answer although nothing changed. */
  #asked = new Set<string>();
  #sent: Sent | undefined;
  #error: string | undefined;
  #begun = false;

  constructor(typeUrl: string) {
    this.typeUrl = typeUrl;
    this.subscription = new Subscription(typeUrl);
  }

  want(set: ResourceSet): void {
    this.#wanted = set;
  }

  /** Takes a request's names. Returns what was asked for now and what no longer. */
  request(names: readonly string[]): { asked: string[]; dropped: string[] } {
    const first = !this.#begun;
    this.#begun = true;
    const star = names.includes("*") || (names.length === 0 && first && this.subscription.wildcardWhenEmpty);
    // Once a stream has the wildcard by saying nothing, saying nothing goes on meaning it.
    const keeps = names.length === 0 && this.subscription.wildcard;
    const before = this.subscription.wildcard;
    this.subscription.wildcard = star || keeps;
    const now = new Set(names.filter((name) => name !== "*"));
    const asked = [...now].filter((name) => !this.subscription.names.has(name));
    const dropped = [...this.subscription.names].filter((name) => !now.has(name));
    for (const name of asked) this.subscription.names.add(name);
    for (const name of dropped) this.subscription.names.delete(name);
    for (const name of dropped) this.#asked.delete(name);
    for (const name of asked) this.#asked.add(name);
    const turned = this.subscription.wildcard && !before;
    if (first || turned || asked.length > 0) this.#due = this.#due || !this.subscription.empty;
    return { asked: turned ? ["*", ...asked] : asked, dropped };
  }

  /** The answer to the last response; undefined when the request speaks of an older one, and must be ignored. */
  answer(nonce: string, error: string | undefined): SotwAnswer | "repeated" | undefined {
    const sent = this.#sent;
    if (!sent || sent.nonce !== nonce) return undefined;
    if (sent.answered) return "repeated";
    this.#sent = { ...sent, answered: true };
    this.#error = error;
    return { resources: sent.resources, ...(error === undefined ? {} : { error }) };
  }

  waiting(now: number): boolean {
    return this.#sent !== undefined && !this.#sent.answered && this.#sent.overdueAt > now;
  }

  get unanswered(): boolean {
    return this.#sent !== undefined && !this.#sent.answered;
  }

  get overdueAt(): number {
    return this.#sent?.overdueAt ?? 0;
  }

  get error(): string | undefined {
    return this.#error;
  }

  get rejected(): readonly XdsResource[] {
    return this.#error === undefined ? [] : (this.#sent?.resources ?? []);
  }

  /** The client will need these again. */
  resend(names: Iterable<string>): void {
    for (const name of names) {
      if (!this.subscription.names.has(name)) continue;
      this.#asked.add(name);
      this.#due = true;
    }
  }

  /** The next response, or undefined when the client has everything. */
  plan(): Whole | undefined {
    const wanted = this.#wanted;
    if (!wanted || this.subscription.empty) return undefined;
    if (this.#base === wanted && !this.#due) return undefined;
    if (WHOLE_STATE.has(this.typeUrl) || this.subscription.wildcard) {
      const whole = this.#whole(wanted);
      if (this.#due || whole.version !== this.#version) return whole;
      this.#base = wanted;
      return undefined;
    }
    return this.#part(wanted);
  }

  sent(whole: Whole, nonce: string, overdueAt: number): void {
    this.#sent = { nonce, resources: whole.resources, overdueAt, answered: false };
    this.#version = whole.version;
    this.#base = this.#wanted as ResourceSet;
    this.#asked = new Set();
    this.#due = false;
  }

  /** Resources of the next response that differ from what was sent before. */
  changed(): readonly XdsResource[] {
    return this.#wanted ? difference(this.#base, this.#wanted).changed : [];
  }

  state(name: string): AckState | undefined {
    const resource = this.subscription.has(name) ? find(this.#base, name) : undefined;
    if (!resource) return undefined;
    const inLast = this.#sent?.resources.some((sent) => sent.name === name) ?? false;
    if (!inLast) return { version: resource.version };
    if (this.#error !== undefined) return { version: "", sent: resource.version, error: this.#error };
    return this.unanswered ? { version: "", sent: resource.version } : { version: resource.version };
  }

  #whole(wanted: ResourceSet): Whole {
    const { wildcard, names } = this.subscription;
    const named = [...names].map((name) => find(wanted, name)).filter((resource) => resource !== undefined);
    if (!wildcard) return wholeOfResources(named);
    if (named.every((resource) => wanted.resources.has(resource.name))) return wholeOf(wanted);
    return wholeOfResources([...new Set([...wanted.resources.values(), ...named])]);
  }

  /** Types whose response may hold a part: what was asked for and what changed. */
  #part(wanted: ResourceSet): Whole | undefined {
    const { names } = this.subscription;
    const part: XdsResource[] = [];
    for (const name of names) {
      const resource = find(wanted, name);
      if (resource && (this.#asked.has(name) || find(this.#base, name)?.version !== resource.version))
        part.push(resource);
    }
    if (part.length > 0) return part.length === wanted.resources.size ? wholeOf(wanted) : wholeOfResources(part);
    // There is no way to say "not there" in this protocol; an empty answer at least ends the wait of Envoy's first fetch.
    if (this.#due) return wholeOfResources([]);
    this.#base = wanted;
    return undefined;
  }
}

function find(set: ResourceSet, name: string): XdsResource | undefined {
  return set.resources.get(name) ?? set.onDemand?.get(name);
}
