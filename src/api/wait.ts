import type { ServerResponse } from "node:http";
import type { MeshActions } from "./actions.ts";
import type { EventClock } from "./http/events.ts";
import { proxyId, syncOf } from "./proxy-state.ts";
import type { MeshState } from "./state.ts";

export interface Waited {
  /** Every connected proxy has what it was sent. */
  readonly done: boolean;
  /** Time ran out. */
  readonly late: boolean;
  readonly total: number;
  readonly synced: number;
  readonly waitingFor: readonly string[];
}

/**
 * Waits until every connected proxy has acknowledged or refused what the last change made, at most `ms`. A proxy that is away is not waited for: it gets
 * its configuration when it comes back.
 */
export async function waitForProxies(
  mesh: { readonly state: MeshState; readonly actions: MeshActions; readonly clock: EventClock },
  ms: number,
  response: ServerResponse,
): Promise<Waited> {
  const aborter = new AbortController();
  const cancel = mesh.clock.after(ms, () => aborter.abort());
  response.once("close", () => aborter.abort());
  try {
    await untilAborted(mesh.actions.settled?.(aborter.signal), aborter.signal);
    if (aborter.signal.aborted) return lookAt(mesh.state, true);
    return await watch(mesh.state, aborter.signal);
  } finally {
    cancel();
    aborter.abort();
  }
}

function watch(state: MeshState, signal: AbortSignal): Promise<Waited> {
  return new Promise((resolve) => {
    const finish = (late: boolean) => {
      stop();
      signal.removeEventListener("abort", onAbort);
      resolve(lookAt(state, late));
    };
    const onAbort = () => finish(!lookAt(state, false).done);
    const look = () => {
      const connected = state.proxies().filter((p) => p.connected);
      if (connected.every((p) => syncOf(p) !== "stale")) finish(false);
    };
    const stop = state.onChange(look);
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener("abort", onAbort, { once: true });
      look();
    }
  });
}

function lookAt(state: MeshState, late: boolean): Waited {
  const connected = state.proxies().filter((p) => p.connected);
  const waitingFor = connected.filter((p) => syncOf(p) !== "synced").map(proxyId);
  return {
    done: waitingFor.length === 0 && !late,
    late,
    total: connected.length,
    synced: connected.length - waitingFor.length,
    waitingFor,
  };
}

async function untilAborted(work: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (work === undefined) return;
  const aborted = new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
  await Promise.race([work.catch(() => {}), aborted]);
}
