import type { Clock } from "../std/clock.ts";
import type { Container, Probe } from "./workload.ts";

export interface HealthOptions {
  readonly container: Container | undefined;
  /** It was ready already: it stays so until its probe fails. */
  readonly ready?: boolean;
  /** Tries a probe once; undefined for success, else what was wrong. */
  readonly attempt: (probe: Probe) => Promise<string | undefined>;
  readonly clock: Clock;
  /** Told on every change. */
  readonly onReady: (ready: boolean, why?: string) => void;
  /** The application is alive no more: it shall be started again. */
  readonly onDead: (why: string) => void;
}

/** Watches one run of an application by its probes, until it is stopped. */
export interface Health {
  stop(): void;
}

/** Until its first success a probe is tried this often: a kubelet's period would make every start slow. Milliseconds. */
const eager = 200;
/** An application without a readiness probe is ready when its first port is open, or after this long. Milliseconds. */
const patience = 10_000;

/**
 * Startup, liveness and readiness as the kubelet has them, with one difference: a probe that has not yet succeeded is tried early and often;
 * a failure before its initial delay does not count.
 */
export function watchHealth(options: HealthOptions): Health {
  const watch = new Watch(options);
  watch.begin();
  return watch;
}

class Watch implements Health {
  readonly #options: HealthOptions;
  readonly #began: number;
  readonly #cancel = new Set<() => void>();
  #stopped = false;
  #ready: boolean;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#began = options.clock.now();
    this.#ready = options.ready ?? false;
  }

  begin(): void {
    const startup = this.#options.container?.startupProbe;
    if (startup === undefined) {
      this.#started();
      return;
    }
    this.#repeat(startup, {
      pass: () => {
        this.#started();
        return false;
      },
      fail: (why) => this.#dead(`startup probe: ${why}`),
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancel) cancel();
  }

  #started(): void {
    const { container } = this.#options;
    const { livenessProbe, readinessProbe } = container ?? {};
    if (livenessProbe)
      this.#repeat(livenessProbe, { pass: () => true, fail: (why) => this.#dead(`liveness probe: ${why}`) });
    if (readinessProbe) {
      this.#repeat(readinessProbe, {
        pass: () => this.#tell(true),
        fail: (why) => this.#tell(false, `readiness probe: ${why}`),
      });
    } else this.#openPort(container?.ports?.find((p) => (p.protocol ?? "TCP") === "TCP")?.containerPort);
  }

  #openPort(port: number | undefined): void {
    if (port === undefined) return void this.#tell(true);
    const once = () => {
      this.#tell(true);
      return false;
    };
    this.#repeat(
      { tcpSocket: { port }, failureThreshold: patience / 1000, periodSeconds: 1 },
      { pass: once, fail: once },
    );
  }

  #dead(why: string): boolean {
    this.stop();
    this.#options.onDead(why);
    return false;
  }

  #tell(ready: boolean, why?: string): boolean {
    if (ready !== this.#ready) this.#options.onReady(ready, why);
    this.#ready = ready;
    return true;
  }

  /** `pass` and `fail` (after as many failures in a row as the probe allows) say whether to go on. */
  #repeat(probe: Probe, then: { pass: () => boolean; fail: (why: string) => boolean }): void {
    const { clock, attempt } = this.#options;
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    const delayMs = (probe.initialDelaySeconds ?? 0) * 1000;
    let passed = 0;
    let failed = 0;
    let ever = false;
    const turn = async () => {
      const why = await attempt(probe);
      if (this.#stopped) return;
      if (why === undefined) {
        failed = 0;
        ever = true;
        if (++passed >= (probe.successThreshold ?? 1) && !then.pass()) return;
      } else {
        passed = 0;
        // Early tries come more often than the period: each counts as its share of one.
        if (clock.now() - this.#began >= delayMs) failed += ever ? 1 : Math.min(1, eager / periodMs);
        if (failed >= (probe.failureThreshold ?? 3) && !then.fail(why)) return;
      }
      if (!this.#stopped) this.#later(ever ? periodMs : Math.min(eager, periodMs), turn);
    };
    void turn();
  }

  #later(ms: number, run: () => Promise<void>): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#cancel.delete(cancel);
      void run();
    });
    this.#cancel.add(cancel);
  }
}
