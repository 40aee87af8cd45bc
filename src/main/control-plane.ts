import type { OpenTap } from "../api/tap-routes.ts";
import { shortName } from "../api/xds-view.ts";
import type { Authority } from "../ca/authority.ts";
import type { Impersonation } from "../ca/certificate-service.ts";
import { Discovery, type Peer, type Secrets } from "../discovery/discovery.ts";
import type { EagerPolicy } from "../discovery/eager-policy.ts";
import type { Counters } from "../limits/bucket.ts";
import type { Source, SourceEvent } from "../model/change.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { CertificateGauges } from "../telemetry/certificate-metrics.ts";
import type { ControlPlaneMetrics } from "../telemetry/control-plane.ts";
import type { AccessBook } from "../telemetry/records/book.ts";
import type { Listening, TlsMaterial } from "../xds/listener.ts";
import { createXdsServer, type StreamRequest, type XdsServer, type XdsServerOptions } from "../xds/server.ts";
import type { Ack, Nack, Session } from "../xds/session.ts";
import { accessRecords } from "./access-records.ts";
import { certificateMethod, strangersCounted } from "./certificate-method.ts";
import { bytesOf, countEvent } from "./counted-events.ts";
import type { FetchedParts } from "./fetched.ts";
import { figures } from "./figures.ts";
import { followJoined, joinedWorkloads, joinOf } from "./joined-workloads.ts";
import { rateLimitMethod } from "./rate-limits.ts";
import { type Spans, spansTaken } from "./spans.ts";
import { openTaps, type Taps } from "./taps.ts";

export interface ControlPlaneOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly trustDomain: string;
  readonly sources: readonly Source[];
  readonly secrets?: Secrets;
  /** What sidecars have from the start; `all` by default. */
  readonly eager?: EagerPolicy;
  readonly authenticate: XdsServerOptions<Peer>["authenticate"];
  /** What the objects of the mesh name and is fetched. */
  readonly fetched?: FetchedParts;
  /** Where requests are counted for limits of scope Global. */
  readonly counters: Counters;
  /** Signs certificate requests; absent where no identity is verified. */
  readonly authority?: Authority;
  /** Whether a node's proxy may have certificates of the workloads that it serves; absent: no. */
  readonly impersonation?: Impersonation;
  /** When its certificates end, for metrics. */
  readonly certificates?: CertificateGauges;
  /** More gRPC methods on the port of xDS. */
  readonly unary?: XdsServerOptions<Peer>["unary"];
}

/** Discovery with its sources and its xDS server. */
export interface ControlPlane {
  readonly discovery: Discovery;
  readonly metrics: ControlPlaneMetrics;
  /** What proxies told of requests. */
  readonly access: AccessBook;
  /** What they told of requests that are traced. */
  readonly spans: Spans;
  /** Watching requests as they end. */
  readonly tap: OpenTap;
  /** Hands on what is worth keeping of them. */
  readonly keepRequests: Taps["keep"];
  readonly xds: XdsServer<Peer>;
  /** Opens an xDS port. */
  listen(at: { host: string; port: number; tls?: TlsMaterial }): Promise<Listening>;
  /** Reads every source; resolves when all have spoken. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the parts together; nothing runs before `start`. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { clock, log, trustDomain, secrets, authority, fetched } = options;
  const joined = joinedWorkloads(clock, (id, labels) => discovery.relabel(id, labels));
  const taps = openTaps(() => discovery, clock);
  const sources = [...options.sources, ...(fetched?.sources ?? []), joined, taps.source];
  const metrics = figures(() => discovery, options.certificates);
  const discovery: Discovery = new Discovery({
    clock,
    log,
    trustDomain,
    sources: sources.map(({ name }) => name),
    ...(secrets ? { secrets } : {}),
    ...(options.eager === undefined ? {} : { eager: options.eager }),
    onFault: () => metrics.failed(),
    onServed: ({ types, waitedMs, madeMs }) => metrics.handed(types.map(metricType), waitedMs / 1000, madeMs / 1000),
  });
  followJoined(discovery, joined);
  fetched?.follow(discovery);
  const spans = spansTaken({ ...options, discovery: () => discovery });
  const records = accessRecords({ ...options, ...fetched, discovery: () => discovery, onObserved: taps.take });
  const xds = createXdsServer<Peer>({
    clock,
    log,
    authenticate: options.authenticate,
    onStranger: strangersCounted(metrics),
    unary: new Map([
      ...(options.unary ?? []),
      ...(authority === undefined ? [] : [certificateMethod({ ...options, authority, metrics })]),
      rateLimitMethod({ ...options, metrics, snapshot: () => discovery.snapshot }),
    ]),
    streams: new Map([records.method]),
    posts: new Map([spans.method]),
    open: (session) => {
      const refusal = discovery.open(session);
      if (refusal === undefined) joinOf(discovery, joined, session);
      if (refusal === undefined) metrics.triggered("proxy");
      return refusal;
    },
    onClose: (session) => {
      joined.disconnected(session.id);
      discovery.close(session);
    },
    ...answers(metrics, clock, log, () => discovery),
  });
  return {
    ...{ discovery, metrics, xds, spans, access: records.book, tap: taps.open, keepRequests: taps.keep },
    listen: (at) => xds.listen(at),
    async start() {
      const take = (name: string) => (event: SourceEvent) => {
        countEvent(metrics, discovery.snapshot, event);
        discovery.apply(name, event);
      };
      await Promise.all(sources.map((source) => source.start(take(source.name))));
    },
    async stop() {
      await xds.close();
      await Promise.all(sources.map((source) => source.stop()));
      await options.counters.close();
    },
  };
}

/** What proxies say of what they were sent. */
function answers(metrics: ControlPlaneMetrics, clock: Clock, log: Log, discovery: () => Discovery) {
  const converged = convergence(metrics, clock);
  const sent = ({ typeUrl, resources }: Pick<Ack, "typeUrl" | "resources">) => {
    const type = metricType(typeUrl);
    metrics.pushed(type);
    metrics.sized(type, bytesOf(resources));
  };
  return {
    onAck: (session: Session<Peer>, ack: Ack) => {
      sent(ack);
      converged(discovery(), session);
      discovery().answered();
    },
    onNack: (session: Session<Peer>, nack: Nack) => {
      const origins = [...new Set(nack.resources.flatMap((r) => r.origins))];
      log.error("proxy refused configuration", {
        proxy: session.node.id,
        type: nack.typeUrl,
        resources: nack.resources.map((r) => r.name).slice(0, 5),
        origins,
        error: nack.error,
      });
      sent(nack);
      if (nack.isolated) metrics.rejected(metricType(nack.typeUrl));
      discovery().answered();
    },
  };
}

/** `cds`, `lds`, as istiod's metrics have it. */
function metricType(typeUrl: string): string {
  return shortName(typeUrl).toLowerCase();
}

/** Notes, once for each change, how long a proxy took to have all of it. */
function convergence(metrics: ControlPlaneMetrics, clock: Clock) {
  const noted = new WeakMap<object, number>();
  return (discovery: Discovery, session: Session<Peer>) => {
    if (!session.settled) return;
    const changedAt = discovery.proxies().find((p) => p.session === session)?.changedAt;
    if (changedAt === undefined || noted.get(session) === changedAt) return;
    noted.set(session, changedAt);
    metrics.converged((clock.now() - changedAt) / 1000);
  };
}

/** The token of a request, as gRPC carries it. */
export function bearerToken(request: StreamRequest): string | undefined {
  const header = request.headers["authorization"];
  return typeof header === "string" && header.startsWith("Bearer ") ? header.slice("Bearer ".length) : undefined;
}
