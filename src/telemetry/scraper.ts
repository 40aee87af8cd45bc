import type { Increment } from "../model/sample.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { OpenConnections } from "./connections.ts";
import { type Exposition, statsFilter } from "./exposition.ts";
import { type Hidden, hiddenSince, nothingHidden } from "./hidden.ts";
import { increments, restartedBetween, uptimeOf } from "./increments.ts";
import type { ProxyAnswer } from "./merged.ts";
import { ExpositionParser, type LabelCache } from "./parser.ts";
import { Overflow, SeriesBudget } from "./series-budget.ts";

/** A proxy whose metrics are read. */
export interface Target {
  readonly proxyId: string;
  readonly pod: string;
  readonly namespace: string;
  /** IP address, or address and port (`10.0.0.7:15090`, `[fd00::7]:15090`); port 15090 where none is said. */
  readonly address: string;
}

/** Fetches a URL; rejects for anything but 200 and when the signal aborts. */
export type Fetch = (url: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

export interface ScraperOptions {
  readonly targets: () => readonly Target[];
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes what all proxies gained since the look before. `covered`: milliseconds since then, 0 for the first. */
  readonly onLook: (at: number, covered: number, increments: readonly Increment[]) => void;
  /** Milliseconds; 5,000 by default, which is also how often Envoy updates its histograms. */
  readonly interval?: number;
  readonly timeout?: number;
  readonly concurrency?: number;
  /** Bytes of one proxy's answer; a longer one is not read. */
  readonly maxBytes?: number;
}

interface Watched {
  target: Target;
  exposition: Exposition | undefined;
  /** What its Envoy does not show for the moment. */
  hidden: Hidden;
  /** The same within the budget of its workload. */
  shown: Exposition;
  labels: LabelCache;
  readonly overflow: Overflow;
  readonly open: OpenConnections;
  at: number;
  failures: number;
  /** Since when it is no target any more. */
  leftAt?: number | undefined;
}

/** Metric names start so; the name is what Envoy's filter sees, before `envoy_` is put in front. */
const query = `usedonly&filter=${encodeURIComponent(statsFilter)}`;

/** An answer older than this many looks says nothing about now. */
const staleLooks = 3;

/** A proxy that is no target for fewer looks than these (its stream broke, say) goes on where it was. */
const graceLooks = 12;

/** Looks at every proxy's metrics at a steady pace. One look is over before the next begins. */
export class Scraper {
  readonly #o: Required<ScraperOptions>;
  readonly #proxies = new Map<string, Watched>();
  #began: number | undefined;
  #last: number | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;
  #running: Promise<void> | undefined;
  readonly #budget: SeriesBudget;
  readonly #asking = new Set<AbortController>();

  constructor(options: ScraperOptions) {
    this.#o = { interval: 5000, timeout: 4000, concurrency: 16, maxBytes: 32_000_000, ...options };
    this.#budget = new SeriesBudget((workload, metric) => {
      const fix = "find the label that has so many values";
      this.#o.log.warn(`${workload} has too many series of ${metric}: further ones are counted as one; ${fix}`);
    });
  }

  start(): void {
    this.#stopped = false;
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    for (const aborter of this.#asking) aborter.abort(new Error("stopped"));
    await this.#running;
  }

  /** The last answer of each proxy that is still one of the targets. */
  answers(): ProxyAnswer[] {
    const oldest = (this.#last ?? 0) - staleLooks * this.#o.interval;
    return this.#present().flatMap(({ target, shown, at, failures }) =>
      target.pod === "" ? [] : [{ ...target, up: failures === 0, exposition: at >= oldest ? shown : none }],
    );
  }

  /** Looks once at all targets. Never rejects. */
  async look(): Promise<void> {
    const at = this.#o.clock.now();
    this.#began ??= at;
    const targets = this.#o.targets();
    const found = this.#follow(targets, at);
    const queue = this.#present();
    const worker = async () => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        for (const increment of await this.#scrape(one, at)) found.push(increment);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#o.concurrency, queue.length) }, worker));
    const covered = this.#last === undefined ? 0 : Math.max(0, at - this.#last);
    this.#last = at;
    this.#o.onLook(at, covered, found);
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#o.clock.after(ms, () => {
      const began = this.#o.clock.now();
      this.#running = this.look().then(() =>
        this.#schedule(Math.max(0, this.#o.interval - Math.max(0, this.#o.clock.now() - began))),
      );
    });
  }

  /** Takes over the targets. Answers what ended with those that left. */
  #follow(targets: readonly Target[], at: number): Increment[] {
    const ids = new Set(targets.map((t) => t.proxyId));
    const ended: Increment[] = [];
    for (const [id, one] of this.#proxies) {
      one.leftAt = ids.has(id) ? undefined : (one.leftAt ?? at);
      if (one.leftAt === undefined || at - one.leftAt < graceLooks * this.#o.interval) continue;
      this.#proxies.delete(id);
      ended.push(...one.open.end());
    }
    for (const target of targets) {
      const known = this.#proxies.get(target.proxyId);
      if (known) known.target = target;
      else this.#proxies.set(target.proxyId, unseen(target));
    }
    return ended;
  }

  #present(): Watched[] {
    return [...this.#proxies.values()].filter((one) => one.leftAt === undefined);
  }

  async #scrape(proxy: Watched, at: number): Promise<Increment[]> {
    const aborter = new AbortController();
    this.#asking.add(aborter);
    const cancel = this.#o.clock.after(this.#o.timeout, () =>
      aborter.abort(new Error(`no answer within ${this.#o.timeout} ms`)),
    );
    try {
      const parser = await this.#read(proxy, aborter);
      const { exposition, labels } = parser.finish();
      const before = proxy.exposition;
      const began = this.#began ?? at;
      const restarted = before !== undefined && restartedBetween(before, exposition, at - proxy.at);
      const ended = restarted ? proxy.open.end() : [];
      const isKnown = before !== undefined || startedSince(exposition, began, at);
      const folded = this.#budget.folded(exposition, at);
      const found = proxy.overflow.fold(
        isKnown ? increments(before, exposition, at - proxy.at, proxy.hidden) : [],
        folded,
      );
      const hidden = before && !restarted ? hiddenSince(before, exposition, proxy.hidden, at) : nothingHidden;
      const shown = proxy.overflow.shown(exposition, folded);
      proxy.open.add(found);
      if (proxy.failures >= staleLooks)
        this.#o.log.info(`metrics of ${proxy.target.pod}.${proxy.target.namespace} are read again`);
      Object.assign(proxy, { exposition, hidden, shown, labels, at, failures: 0 });
      return [...ended, ...found];
    } catch (error) {
      proxy.failures++;
      if (proxy.failures === staleLooks) {
        const where = `${proxy.target.pod}.${proxy.target.namespace} (${proxy.target.address})`;
        this.#o.log.warn(
          `${where}: its metrics could not be read ${staleLooks} times (${messageOf(error)}); its traffic is missing from the graph`,
        );
      }
      return [];
    } finally {
      this.#asking.delete(aborter);
      cancel();
    }
  }

  async #read(proxy: Watched, aborter: AbortController): Promise<ExpositionParser> {
    const parser = new ExpositionParser(proxy.labels);
    const decoder = new TextDecoder();
    const aborted = new Promise<never>((_, reject) =>
      aborter.signal.addEventListener("abort", () => reject(aborter.signal.reason), { once: true }),
    );
    aborted.catch(() => {});
    const body = await Promise.race([this.#o.fetch(urlOf(proxy.target.address), aborter.signal), aborted]);
    let bytes = 0;
    const chunks = body[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([chunks.next(), aborted]);
      if (next.done) break;
      bytes += next.value.length;
      if (bytes > this.#o.maxBytes) {
        const error = new Error(`the answer is longer than ${this.#o.maxBytes} bytes`);
        aborter.abort(error);
        throw error;
      }
      parser.push(decoder.decode(next.value, { stream: true }));
    }
    parser.push(decoder.decode());
    return parser;
  }
}

const none: Exposition = new Map();

function unseen(target: Target): Watched {
  const parts = { labels: new Map(), open: new OpenConnections(), overflow: new Overflow() };
  return { target, exposition: undefined, hidden: nothingHidden, shown: none, ...parts, at: 0, failures: 0 };
}

/** Whether all that an Envoy has counted was counted since we began to look: then its first answer is growth, else it is only a beginning. */
function startedSince(exposition: Exposition, began: number, at: number): boolean {
  const seconds = uptimeOf(exposition);
  return seconds !== undefined && at - seconds * 1000 > began;
}

function urlOf(address: string): string {
  const hasPort = /^\[.*\]:\d+$|^[^:]*:\d+$/.test(address);
  const bare = address.includes(":") && !address.startsWith("[") && !hasPort;
  const host = hasPort ? address : `${bare ? `[${address}]` : address}:15090`;
  return `http://${host}/stats/prometheus?${query}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
