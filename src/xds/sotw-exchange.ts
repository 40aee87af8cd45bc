import { fromBinary } from "@bufbuild/protobuf";
import { type DiscoveryRequest, DiscoveryRequestSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import { EMPTY_SET } from "./difference.ts";
import { type Exchange, MOST_TYPES, PATIENCE_MS, type StreamPort, TooMuch } from "./exchange.ts";
import type { AckState, ProxyConfig } from "./resource.ts";
import type { TypeStatus } from "./session.ts";
import { SotwType } from "./sotw-type.ts";
import { pushOrder, REFERS_TO_CLUSTERS, TYPE } from "./type-url.ts";
import { sotwFrame } from "./wire.ts";

/**
 * State-of-the-world xDS on one stream, for clients that do not speak delta: the gRPC library, older agents. A refused response
 * is not sent again until something in it changes; it is not taken apart, because the protocol does not let a part stand alone.
 */
export class SotwExchange implements Exchange {
  readonly #port: StreamPort;
  readonly #types: SotwType[] = [];
  readonly #times = new Map<string, { sentAt?: number; ackAt?: number }>();
  #config: ProxyConfig | undefined;
  #nonce = 0;
  #timer: (() => void) | undefined;

  constructor(port: StreamPort) {
    this.#port = port;
  }

  read(message: Uint8Array): ReturnType<Exchange["read"]> {
    const request = fromBinary(DiscoveryRequestSchema, message);
    return { node: request.node, apply: () => this.#receive(request) };
  }

  push(config: ProxyConfig): void {
    this.#config = config;
    for (const type of this.#types) type.want(config.get(type.typeUrl) ?? EMPTY_SET);
  }

  flush(): void {
    const now = this.#port.now();
    const clusters = this.#types.find((type) => type.typeUrl === TYPE.cluster);
    for (const type of this.#types) {
      if (!this.#port.ready || type.waiting(now)) continue;
      if (REFERS_TO_CLUSTERS.has(type.typeUrl) && clusters?.waiting(now)) continue;
      this.#send(type, now);
    }
    this.#watch(now);
  }

  subscriptions(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map(
      this.#types.map((type) => {
        const { names, wildcard } = type.subscription;
        return [type.typeUrl, new Set(wildcard ? ["*", ...names] : names)];
      }),
    );
  }

  status(): readonly TypeStatus[] {
    return this.#types.map((type) => {
      const { sentAt, ackAt } = this.#times.get(type.typeUrl) ?? {};
      const error = type.error ?? "";
      const rejected = type.rejected.map((resource) => ({ resource, error, running: "" }));
      return {
        typeUrl: type.typeUrl,
        wildcard: type.subscription.wildcard,
        names: type.subscription.names.size,
        state: type.unanswered || type.plan() ? "sending" : type.error === undefined ? "synced" : "rejected",
        rejected,
        ...(sentAt === undefined ? {} : { lastSentAt: sentAt }),
        ...(ackAt === undefined ? {} : { lastAckAt: ackAt }),
      };
    });
  }

  resource(typeUrl: string, name: string): AckState | undefined {
    return this.#types.find((type) => type.typeUrl === typeUrl)?.state(name);
  }

  settled(): boolean {
    return this.#config !== undefined && this.#types.every((type) => !type.unanswered && !type.plan());
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #receive(request: DiscoveryRequest): void {
    const { typeUrl, responseNonce, resourceNames, errorDetail } = request;
    const type = this.#type(typeUrl);
    if (responseNonce) {
      const answer = type.answer(responseNonce, errorDetail?.message);
      if (!answer) return;
      if (answer !== "repeated") this.#answered(typeUrl, responseNonce, answer);
    }
    const { asked, dropped } = type.request(resourceNames);
    if (asked.length > 0) this.#port.subscribed(typeUrl, asked);
    if (dropped.length > 0) this.#port.unsubscribed(typeUrl, dropped);
  }

  #type(typeUrl: string): SotwType {
    const known = this.#types.find((type) => type.typeUrl === typeUrl);
    if (known) return known;
    if (this.#types.length >= MOST_TYPES)
      throw new TooMuch(`more than ${MOST_TYPES} types are asked for on one stream`);
    const type = new SotwType(typeUrl);
    if (this.#config) type.want(this.#config.get(typeUrl) ?? EMPTY_SET);
    this.#types.push(type);
    this.#types.sort((a, b) => pushOrder(a.typeUrl) - pushOrder(b.typeUrl));
    return type;
  }

  #answered(typeUrl: string, nonce: string, answer: { resources: Nacked; error?: string }): void {
    const { resources, error } = answer;
    if (error !== undefined) {
      this.#port.nacked({ typeUrl, nonce, resources, error, isolated: resources.length === 1 });
      return;
    }
    this.#times.set(typeUrl, { ...this.#times.get(typeUrl), ackAt: this.#port.now() });
    this.#port.acked({ typeUrl, nonce, resources, removed: [] });
  }

  #send(type: SotwType, now: number): void {
    const whole = type.plan();
    if (!whole) return;
    const { typeUrl } = type;
    const nonce = String(++this.#nonce);
    const changed = typeUrl === TYPE.cluster ? type.changed() : [];
    type.sent(whole, nonce, now + PATIENCE_MS);
    this.#times.set(typeUrl, { ...this.#times.get(typeUrl), sentAt: now });
    this.#port.write(
      sotwFrame({ typeUrl, nonce, controlPlane: this.#port.controlPlane }, whole.version, whole.body(typeUrl)),
    );
    const endpoints = this.#types.find((other) => other.typeUrl === TYPE.endpoint);
    endpoints?.resend(changed.map((cluster) => cluster.endpoints ?? cluster.name));
  }

  #watch(now: number): void {
    const due = this.#types.filter((type) => type.waiting(now)).map((type) => type.overdueAt);
    if (this.#timer || due.length === 0) return;
    this.#timer = this.#port.after(Math.min(...due) - now, () => {
      this.#timer = undefined;
      this.flush();
    });
  }
}

type Nacked = Parameters<StreamPort["nacked"]>[0]["resources"];
