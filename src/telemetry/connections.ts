import type { Increment, Labels } from "../model/sample.ts";

const opened = "istio_tcp_connections_opened_total";
const closed = "istio_tcp_connections_closed_total";

/**
 * The TCP connections that one proxy was seen to open and not yet to close. When the proxy goes, or another Envoy takes its place, they have ended and
 * nobody counts it: then this does. Envoy itself forgets counters that rest, so its own numbers cannot be asked.
 */
export class OpenConnections {
  readonly #open = new Map<string, { readonly labels: Labels; value: number }>();

  add(increments: readonly Increment[]): void {
    for (const { name, labels, value } of increments) {
      if (name !== opened && name !== closed) continue;
      const { response_flags: _flags, ...ends } = labels;
      const key = JSON.stringify(Object.entries(ends).sort());
      const one = this.#open.get(key) ?? { labels: ends, value: 0 };
      one.value = Math.max(0, one.value + (name === opened ? value : -value));
      if (one.value > 0) this.#open.set(key, one);
      else this.#open.delete(key);
    }
  }

  /** Closes what is open, as increments of the closed connections' counter. */
  end(): Increment[] {
    const ended = [...this.#open.values()].map(({ labels, value }) => ({ name: closed, labels, value }));
    this.#open.clear();
    return ended;
  }
}
