import type { Log } from "../std/log.ts";
import type { Pod } from "./pod.ts";
import { applyServices, needsServices, type ServiceAddress } from "./services.ts";

/** Keeps the addresses of Services up to date in the Pods that need them. */
export class ServiceBoard {
  readonly #log: Log;
  #services: readonly ServiceAddress[] = [];
  /** What each Pod was given last. */
  readonly #given = new WeakMap<Pod, readonly ServiceAddress[]>();

  constructor(log: Log) {
    this.#log = log;
  }

  set(services: readonly ServiceAddress[]): void {
    this.#services = services;
  }

  /** Gives each Pod that needs it what it has not got yet. */
  update(pods: Iterable<Pod>): void {
    for (const pod of pods) {
      const { place } = pod;
      if (place === undefined || pod.state.terminating || !needsServices(pod.workload)) continue;
      const services = this.#services;
      if (this.#given.get(pod) === services) continue;
      this.#given.set(pod, services);
      applyServices(place, services).catch((error: unknown) => {
        // A Pod that ends meanwhile needs none.
        if (!pod.state.terminating)
          this.#log.warn("addresses of Services could not be set in a Pod", {
            pod: pod.record.name,
            error: String(error),
          });
      });
    }
  }
}
