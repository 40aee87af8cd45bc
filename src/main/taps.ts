import { fits, type TapFilter } from "../api/tap-filter.ts";
import type { OpenTap, Tapping } from "../api/tap-routes.ts";
import type { ConnectedProxy, Discovery } from "../discovery/discovery.ts";
import type { Source, SourceEvent } from "../model/change.ts";
import type { Observed } from "../model/observed.ts";
import { type TapSpec, tapObject, tapRef } from "../plan/telemetry/tap.ts";
import type { Clock } from "../std/clock.ts";
import type { AccessRecord } from "../telemetry/records/record.ts";
import { tellerOf } from "./teller.ts";

/** Watching requests: who watches is an object of the mesh while it lasts, so that proxies are told of it as of any other. */
export interface Taps {
  readonly source: Source;
  readonly open: OpenTap;
  /** Takes what proxies told. */
  take(seen: Observed, record: AccessRecord): void;
  /** Hands on what is worth keeping: what failed or was refused, connections, and what somebody watches. */
  keep(listener: (seen: Observed) => void): void;
}

/** Watchers at one time: each costs the proxies a look at each request. */
const mostTaps = 16;

/** The least share that is asked for, in requests of a million. */
const leastShare = 100;

interface Open {
  readonly filter: TapFilter;
  readonly listener: (seen: Observed) => void;
  spec: TapSpec;
  generation: number;
  /** Requests that were told since the share was looked at. */
  told: number;
}

export function openTaps(discovery: () => Discovery, clock: Clock): Taps {
  const open = new Map<string, Open>();
  let tell: ((event: SourceEvent) => void) | undefined;
  let keep: ((seen: Observed) => void) | undefined;
  let next = 1;
  let stop: (() => void) | undefined;
  const put = (id: string, { spec, generation }: Open) =>
    tell?.({ changes: [{ put: tapObject(id, spec, generation) }], diagnostics: [] });
  const look = () => {
    for (const [id, tap] of open) {
      const perMillion = nextShare(tap.spec.perMillion, tap.told, tap.filter.limit);
      const labels = labelsOf(discovery(), tap.filter);
      tap.told = 0;
      if (perMillion === tap.spec.perMillion && JSON.stringify(labels) === JSON.stringify(tap.spec.labels)) continue;
      tap.spec = { ...tap.spec, perMillion, labels };
      tap.generation++;
      put(id, tap);
    }
    stop = open.size === 0 ? undefined : clock.after(1000, look);
  };
  return {
    source: {
      name: "requests that are watched",
      async start(listener) {
        tell = listener;
        listener({ changes: [], diagnostics: [] });
      },
      async stop() {
        stop?.();
      },
    },
    open: (filter, listener): Tapping | undefined => {
      if (open.size >= mostTaps) return undefined;
      const id = String(next++);
      const spec = specOf(filter, labelsOf(discovery(), filter));
      const tap: Open = { filter, listener, spec, generation: 1, told: 0 };
      open.set(id, tap);
      put(id, tap);
      stop ??= clock.after(1000, look);
      return {
        state: () => ({ proxies: targets(discovery(), filter).length, share: tap.spec.perMillion / 1_000_000 }),
        close: () => {
          if (open.delete(id)) tell?.({ changes: [{ remove: tapRef(id) }], diagnostics: [] });
        },
      };
    },
    keep: (listener) => {
      keep = listener;
    },
    take: (seen, record) => {
      if (record.watched !== undefined || isToldAnyway(seen, [])) keep?.(seen);
      for (const [id, tap] of open) {
        const asked = record.watched?.includes(id) === true;
        if (asked) tap.told++;
        if ((asked || isToldAnyway(seen, tap.filter.headers)) && fits(tap.filter, seen)) tap.listener(seen);
      }
    },
  };
}

/** Connections, and what failed or was refused, are told without anybody watching; of their headers nothing is known. */
function isToldAnyway({ protocol, verdict, code = 0 }: Observed, headers: TapFilter["headers"]): boolean {
  return headers.length === 0 && (protocol === "tcp" || verdict !== "allowed" || code >= 500);
}

/** Fewer where more come than are shown, more where there is room. Pure. */
function nextShare(perMillion: number, told: number, limit: number): number {
  if (told > limit * 1.5) return Math.max(leastShare, Math.floor((perMillion * limit) / told));
  return told * 2 < limit ? Math.min(1_000_000, perMillion * 2) : perMillion;
}

function specOf({ namespaces, methods, path, host, headers }: TapFilter, labels: TapSpec["labels"]): TapSpec {
  const request = {
    methods,
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
    headers,
  };
  return { namespaces, labels, request, perMillion: 1_000_000 };
}

/** Proxies of the workloads that are meant. */
function targets(discovery: Discovery, { namespaces, workload }: TapFilter): readonly ConnectedProxy[] {
  return discovery.proxies().filter(({ proxy }) => {
    if (namespaces.length > 0 && !namespaces.includes(proxy.namespace)) return false;
    if (workload === undefined) return true;
    const teller = tellerOf(discovery.snapshot, proxy);
    return teller !== undefined && (teller.workload === workload || teller.labels["app"] === workload);
  });
}

/** What all of them have in common: for more than these nothing is turned on but what shares it. */
function labelsOf(discovery: Discovery, filter: TapFilter): Readonly<Record<string, string>> {
  if (filter.workload === undefined) return {};
  const all = targets(discovery, filter).map(({ proxy }) => proxy.labels);
  const [first, ...others] = all;
  if (first === undefined) return { app: filter.workload };
  return Object.fromEntries(
    Object.entries(first)
      .filter(([key, value]) => others.every((labels) => labels[key] === value))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
