import type { ServerResponse } from "node:http";
import type { Observed } from "../model/observed.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { TapEvent, TapRequest, TapState } from "./contract/tap.ts";
import { Refusal } from "./http/answer.ts";
import type { EventClock } from "./http/events.ts";
import type { Call, Route } from "./http/route.ts";
import { policyOf } from "./policy-check.ts";
import type { MeshState } from "./state.ts";
import { mostTapped, type TapFilter, tapFilterOf } from "./tap-filter.ts";

/** Has the proxies tell of requests. `listener` gets those that fit, none after `close`. Undefined: too many watch already. */
export type OpenTap = (filter: TapFilter, listener: (seen: Observed) => void) => Tapping | undefined;

export interface Tapping {
  /** Proxies that tell, and the share of requests that they are asked to tell. */
  state(): Omit<TapState, "skipped">;
  close(): void;
}

const heartbeat = 15_000;
/** Bytes that a client may leave unread before requests are skipped for it. */
const mostUnread = 256_000;

/** Watching requests as they pass. */
export function tapRoutes(mesh: {
  readonly state: MeshState;
  readonly tap: OpenTap | undefined;
  readonly clock: EventClock;
}): Route[] {
  return [{ method: "GET", path: "/api/v1/tap", needs: "sight", handle: (call) => tapAnswer(mesh, call) }];
}

function tapAnswer(
  { state, tap, clock }: { readonly state: MeshState; readonly tap: OpenTap | undefined; readonly clock: EventClock },
  { query, response }: Call,
): void {
  if (tap === undefined) throw new Refusal(501, "this control plane does not offer watching requests");
  const filter = tapFilterOf(query);
  const stream = new TapStream(response, filter.limit, clock);
  const opened = tap(filter, (seen) => stream.request(requestOf(seen, state.snapshot())));
  if (opened === undefined) throw new Refusal(503, "too many watch requests already", "close one of the others");
  stream.open(opened);
}

/** As the contract has it: the policy by its name and place. */
export function requestOf({ policy: id, ...seen }: Observed, snapshot: Snapshot): TapRequest {
  const policy = id === undefined ? undefined : policyOf(id, snapshot);
  return { ...seen, ...(policy === undefined ? {} : { policy }) };
}

/** One who watches: so many requests a second, and each second what share that is. */
class TapStream {
  readonly #response: ServerResponse;
  readonly #limit: number;
  readonly #clock: EventClock;
  #left: number;
  #skipped = 0;
  #said = "";
  #saidAt = 0;
  #stop: () => void = () => {};

  constructor(response: ServerResponse, limit: number, clock: EventClock) {
    this.#response = response;
    this.#limit = Math.min(limit, mostTapped);
    this.#left = this.#limit;
    this.#clock = clock;
  }

  open(tap: Tapping): void {
    this.#response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    this.#response.flushHeaders();
    const leave = () => {
      this.#stop();
      tap.close();
    };
    this.#response.on("close", leave).on("error", leave);
    this.#tick(tap);
  }

  request(request: TapRequest): void {
    if (this.#left < 1 || this.#response.writableLength > mostUnread) {
      this.#skipped++;
      return;
    }
    this.#left--;
    this.#send({ kind: "request", request });
  }

  #tick(tap: Tapping): void {
    this.#left = this.#limit;
    const state = { ...tap.state(), skipped: this.#skipped };
    const text = JSON.stringify(state);
    const now = this.#clock.now();
    if (text !== this.#said) {
      this.#said = text;
      this.#saidAt = now;
      this.#send({ kind: "state", state });
    } else if (now - this.#saidAt >= heartbeat) {
      this.#saidAt = now;
      this.#response.write(": still here\n\n");
    }
    this.#stop = this.#clock.after(1000, () => this.#tick(tap));
  }

  #send(event: TapEvent): void {
    this.#response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
}
