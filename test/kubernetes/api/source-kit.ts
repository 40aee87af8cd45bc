import type { KubeConfig } from "@kubernetes/client-node";
import { kubernetesClient } from "../../../src/kubernetes/client.ts";
import { type Pace, usualPace } from "../../../src/kubernetes/watch-options.ts";
import { systemClock } from "../../../src/main/clock.ts";
import { clusterSource } from "../../../src/main/cluster-source.ts";
import { systemRandom } from "../../../src/main/random.ts";
import type { SourceEvent } from "../../../src/model/change.ts";
import { type Diagnostic, formatDiagnostic } from "../../../src/model/diagnostic.ts";
import type { Resource } from "../../../src/model/resource.ts";
import { apply, empty, get, type Snapshot } from "../../../src/model/snapshot.ts";
import type { KubernetesSourceOptions } from "../../../src/sources/kubernetes/options.ts";
import type { Log } from "../../../src/std/log.ts";

/** Attempts follow each other fast. */
export const fast: Pace = { ...usualPace, retryMs: 50, maxRetryMs: 300, refusedMs: 200 };

/** A source of a cluster, and all that it has told. */
export interface Reading {
  snapshot(): Snapshot;
  events(): readonly SourceEvent[];
  diagnostics(): readonly Diagnostic[];
  /** The diagnostics as people see them. */
  told(): readonly string[];
  get(type: string, namespace: string, name: string): Resource | undefined;
  /** Resolves once `holds` does, which is asked after each event. */
  until(what: string, holds: (reading: Reading) => boolean): Promise<void>;
  stop(): Promise<void>;
}

type Options = Partial<Omit<KubernetesSourceOptions, "clock" | "random">>;

/** Starts a source; resolves when it has spoken, unless told not to wait. */
export async function read(config: KubeConfig, options: Options = {}, wait = true): Promise<Reading> {
  const client = kubernetesClient(config);
  let snapshot = empty;
  const events: SourceEvent[] = [];
  const waiting = new Set<() => void>();
  const source = clusterSource({
    client,
    clock: systemClock,
    random: systemRandom,
    log: quiet,
    revision: "default",
    pace: fast,
    ...options,
  });
  const reading: Reading = {
    snapshot: () => snapshot,
    events: () => events,
    diagnostics: () => events.at(-1)?.diagnostics ?? [],
    told: () => reading.diagnostics().map(formatDiagnostic),
    get: (type, namespace, name) => get(snapshot, { type, namespace, name }),
    async until(what, holds) {
      if (holds(reading)) return;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`never: ${what}; told: ${reading.told().join("\n")}`));
        }, 50_000);
        const look = () => {
          if (!holds(reading)) return;
          waiting.delete(look);
          clearTimeout(timer);
          resolve();
        };
        waiting.add(look);
      });
    },
    async stop() {
      await source.stop();
      client.close();
    },
  };
  const started = source.start((event) => {
    snapshot = apply(snapshot, event.changes);
    events.push(event);
    for (const look of [...waiting]) look();
  });
  if (wait) await started;
  return reading;
}

/** A log that nobody reads. */
export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };
