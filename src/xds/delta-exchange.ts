import type { DeltaDiscoveryRequest } from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import type { Plan } from "./client-state.ts";
import { DeltaRequestReader } from "./delta-request.ts";
import { DeltaType } from "./delta-type.ts";
import { EMPTY_SET } from "./difference.ts";
import { type Exchange, MOST_TYPES, PATIENCE_MS, type StreamPort, TooMuch } from "./exchange.ts";
import type { AckState, ProxyConfig, XdsResource } from "./resource.ts";
import type { TypeStatus } from "./session.ts";
import { pushOrder, REFERS_TO_CLUSTERS, TYPE } from "./type-url.ts";
import { deltaFrame, encodeResources } from "./wire.ts";

/** Shared by all streams: what one has asked for, the next will ask for too. */
const requests = new DeltaRequestReader();

interface Times {
  sentAt?: number;
  ackAt?: number;
}

/**
 * Delta xDS on one stream. Changes leave in an order in which nothing refers to what is not there yet, and removals when nothing
 * refers to them any more. One response of a type is under way at a time; what changes meanwhile is sent in its newest form.
 */
export class DeltaExchange implements Exchange {
  readonly #port: StreamPort;
  readonly #types: DeltaType[] = [];
  readonly #times = new Map<string, Times>();
  #config: ProxyConfig | undefined;
  #nonce = 0;
  /** After a reconnection: endpoints of clusters that were sent before endpoints were asked for. Envoy will not apply what it holds. */
  #sentClusters: Set<string> | undefined;
  #timer: (() => void) | undefined;

  constructor(port: StreamPort) {
    this.#port = port;
  }

  read(message: Uint8Array): ReturnType<Exchange["read"]> {
    const request = requests.read(message);
    return { node: request.node, apply: () => this.#receive(request) };
  }

  push(config: ProxyConfig): void {
    this.#config = config;
    for (const type of this.#types) type.want(config.get(type.typeUrl) ?? EMPTY_SET);
  }

  flush(): void {
    if (!this.#config) return;
    this.#find(TYPE.cluster)?.doubt(this.#port.now(), (cluster) => this.#askedEndpoints(cluster));
    for (const type of this.#types) this.#flushType(type);
    // What was held back in the first round may be free now.
    for (const type of this.#types)
      if (!REFERS_TO_CLUSTERS.has(type.typeUrl) || type.typeUrl === TYPE.route) this.#flushType(type);
    this.#watch();
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
      const rejected = [...type.rejected.values()];
      const state =
        this.#isSettled(type) && !type.unanswered ? (rejected.length > 0 ? "rejected" : "synced") : "sending";
      return {
        typeUrl: type.typeUrl,
        wildcard: type.subscription.wildcard,
        names: type.subscription.names.size,
        state,
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
    return this.#config !== undefined && this.#types.every((type) => this.#isSettled(type) && !type.unanswered);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #receive(request: DeltaDiscoveryRequest): void {
    const type = this.#type(request.typeUrl);
    if (request.responseNonce) this.#answered(type, request);
    const { resourceNamesSubscribe: subscribe, resourceNamesUnsubscribe: unsubscribe } = request;
    if (type.begun && subscribe.length === 0 && unsubscribe.length === 0) return;
    const first = !type.begun;
    const asked = type.request(subscribe, unsubscribe, request.initialResourceVersions);
    if (first && type.typeUrl === TYPE.cluster && Object.keys(request.initialResourceVersions).length > 0) {
      this.#sentClusters = new Set();
    }
    if (first && type.typeUrl === TYPE.endpoint && this.#sentClusters) {
      type.resend(this.#sentClusters);
      this.#sentClusters = undefined;
    }
    if (asked.length > 0) this.#port.subscribed(type.typeUrl, asked);
    if (unsubscribe.length > 0) this.#port.unsubscribed(type.typeUrl, unsubscribe);
  }

  #type(typeUrl: string): DeltaType {
    const known = this.#types.find((type) => type.typeUrl === typeUrl);
    if (known) return known;
    if (this.#types.length >= MOST_TYPES)
      throw new TooMuch(`more than ${MOST_TYPES} types are asked for on one stream`);
    const type = new DeltaType(typeUrl);
    if (this.#config) type.want(this.#config.get(typeUrl) ?? EMPTY_SET);
    this.#types.push(type);
    this.#types.sort((a, b) => pushOrder(a.typeUrl) - pushOrder(b.typeUrl));
    return type;
  }

  #answered(type: DeltaType, request: DeltaDiscoveryRequest): void {
    const { responseNonce: nonce, errorDetail, typeUrl } = request;
    if (errorDetail) {
      const outcome = type.nack(nonce, errorDetail.message);
      if (outcome) this.#port.nacked({ typeUrl, nonce, error: errorDetail.message, ...outcome });
      return;
    }
    const response = type.ack(nonce);
    if (!response) return;
    this.#times.set(typeUrl, { ...this.#times.get(typeUrl), ackAt: this.#port.now() });
    this.#port.acked({ typeUrl, nonce, resources: response.changed, removed: response.removed });
  }

  #flushType(type: DeltaType): void {
    const now = this.#port.now();
    if (!this.#port.ready || type.waiting(now)) return;
    if (type.subscription.empty && !type.answerDue) return;
    if (REFERS_TO_CLUSTERS.has(type.typeUrl) && this.#clustersComing(now)) return;
    const plan = nextPlan(type);
    const held = plan.removed.length > 0 && this.#stillNeeded(type);
    const nothing = plan.changed.length === 0 && plan.absent.length === 0;
    if (nothing && plan.removed.length === 0 && !type.answerDue) type.settleQuietly();
    else if (!nothing || !held || type.answerDue) this.#send(type, plan, held);
  }

  /** Clusters are on their way: Envoy acknowledges them when they are warm, and only then may something refer to them. */
  #clustersComing(now: number): boolean {
    const clusters = this.#find(TYPE.cluster);
    if (!clusters) return false;
    return clusters.warming(now) || (clusters.waiting(now) && nextPlan(clusters).changed.length > 0);
  }

  #send(type: DeltaType, plan: Plan, held: boolean): void {
    const { typeUrl } = type;
    const now = this.#port.now();
    const nonce = String(++this.#nonce);
    const removed = type.sent(plan, held, { nonce, overdueAt: now + PATIENCE_MS });
    const body = plan.shared ? plan.shared.body(typeUrl) : encodeResources(typeUrl, plan.changed);
    this.#times.set(typeUrl, { ...this.#times.get(typeUrl), sentAt: now });
    this.#port.write(deltaFrame({ typeUrl, nonce, controlPlane: this.#port.controlPlane }, removed, body));
    if (typeUrl === TYPE.cluster) this.#resendEndpoints(plan.changed);
  }

  #resendEndpoints(clusters: readonly XdsResource[]): void {
    const endpoints = this.#find(TYPE.endpoint);
    if (endpoints?.begun && !endpoints.subscription.empty) {
      endpoints.resend(clusters.map((cluster) => cluster.endpoints ?? cluster.name));
    } else if (this.#sentClusters) {
      for (const cluster of clusters) this.#sentClusters.add(cluster.endpoints ?? cluster.name);
    }
  }

  /** Whether the client asked for a cluster's endpoints; undefined when there are none to ask for. */
  #askedEndpoints(cluster: XdsResource): boolean | undefined {
    const name = cluster.endpoints ?? cluster.name;
    if (!this.#config?.get(TYPE.endpoint)?.resources.has(name)) return undefined;
    return this.#find(TYPE.endpoint)?.subscription.has(name) ?? false;
  }

  /** Whether something that may refer to a resource of this type is not up to date. */
  #stillNeeded(type: DeltaType): boolean {
    const { typeUrl } = type;
    if (typeUrl === TYPE.route) return !this.#areSettled((url) => url === TYPE.listener || url === TYPE.scopedRoute);
    if (typeUrl === TYPE.cluster) return !this.#areSettled((url) => REFERS_TO_CLUSTERS.has(url));
    if (typeUrl === TYPE.endpoint)
      return !this.#areSettled((url) => REFERS_TO_CLUSTERS.has(url) || url === TYPE.cluster);
    return false;
  }

  #areSettled(which: (typeUrl: string) => boolean): boolean {
    return this.#types.every((type) => !which(type.typeUrl) || this.#isSettled(type));
  }

  #isSettled(type: DeltaType): boolean {
    if (type.waiting(this.#port.now())) return false;
    if (type.subscription.empty) return true;
    if (type.probing) return false;
    const plan = type.plan();
    return plan.changed.length === 0 && plan.removed.length === 0 && plan.absent.length === 0;
  }

  #find(typeUrl: string): DeltaType | undefined {
    return this.#types.find((type) => type.typeUrl === typeUrl);
  }

  /** Looks again when the next response becomes overdue: silence must not hold up a proxy for ever. */
  #watch(): void {
    const now = this.#port.now();
    const doubt = this.#find(TYPE.cluster)?.doubtAt(now);
    const due = [...this.#types.map((type) => type.overdueAt(now)), doubt].filter((at) => at !== undefined);
    if (this.#timer || due.length === 0) return;
    this.#timer = this.#port.after(Math.min(...due) - now, () => {
      this.#timer = undefined;
      this.flush();
    });
  }
}

/** The next plan, past parts of a refused response in which nothing is left to try. */
function nextPlan(type: DeltaType): Plan {
  for (;;) {
    const plan = type.plan();
    if (!type.probing || plan.changed.length + plan.removed.length + plan.absent.length > 0) return plan;
    type.settleQuietly();
  }
}
