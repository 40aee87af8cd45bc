import type { Increment, Labels } from "../src/model/sample.ts";

// What a made-up mesh counts in a look: seeded, so that two runs are the same, and uneven like traffic is.

const durations = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000,
];

/** Workloads that call each service, both ends of each call reporting. */
const callers = 5;

/** Each call of the answer is another look's growth. Edges have 1 to 200 requests in five seconds, 20 in the middle; one in ten fails now and then. */
export function traffic(services: number, seed = 1): () => Increment[] {
  const random = mulberry(seed);
  const edges = Array.from({ length: services * callers }, (_, i) => edgeOf(i, services, random));
  return () => edges.flatMap((edge) => grown(edge, random));
}

interface Edge {
  readonly ends: readonly Labels[];
  readonly perLook: number;
  readonly failing: number;
  readonly latency: number;
  readonly asked: number;
  readonly answered: number;
}

function edgeOf(i: number, services: number, random: () => number): Edge {
  const to = Math.floor(i / callers);
  const from = (to + 1 + (i % callers) * 7) % services;
  return {
    ends: ["source", "destination"].map((reporter) => labels(reporter, to, from)),
    perLook: Math.min(200, Math.max(1, 20 * Math.exp(normal(random)))),
    failing: i % 10 === 0 ? 0.02 : 0,
    latency: 8 * Math.exp(normal(random)),
    asked: 300 + 600 * random(),
    answered: 2000 * Math.exp(normal(random)),
  };
}

/** What both ends count: nearly the same, as a look reads them at different moments. */
function grown(edge: Edge, random: () => number): Increment[] {
  return edge.ends.flatMap((labels) => {
    const requests = poisson(edge.perLook, random);
    if (requests === 0) return [];
    const failed = edge.failing > 0 ? poisson(requests * edge.failing, random) : 0;
    const of = (code: string) => codes(labels, code);
    const sized = (name: string, mean: number) => ({
      name,
      labels,
      value: requests,
      buckets: sizes(requests, mean, random),
    });
    return [
      { name: "istio_requests_total", labels: of("200"), value: Math.max(0, requests - failed) },
      ...(failed > 0 ? [{ name: "istio_requests_total", labels: of("503"), value: failed }] : []),
      {
        ...{ name: "istio_request_duration_milliseconds", labels, value: requests },
        buckets: spread(requests, () => edge.latency * Math.exp(0.6 * normal(random))),
      },
      sized("istio_request_bytes", edge.asked),
      sized("istio_response_bytes", edge.answered),
    ];
  });
}

const known = new Map<Labels, Map<string, Labels>>();

/** The same object look after look, as the scraper has it. */
function codes(labels: Labels, code: string): Labels {
  const own = known.get(labels) ?? new Map<string, Labels>();
  known.set(labels, own);
  const found = own.get(code) ?? { ...labels, response_code: code, response_flags: code === "200" ? "-" : "URX" };
  own.set(code, found);
  return found;
}

function spread(count: number, next: () => number) {
  const counts = new Array<number>(durations.length + 1).fill(0);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = next();
    const bucket = durations.findIndex((bound) => value <= bound);
    const at = bucket < 0 ? durations.length : bucket;
    counts[at] = (counts[at] ?? 0) + 1;
    sum += value;
  }
  return { bounds: durations, counts, sum };
}

function sizes(count: number, mean: number, random: () => number) {
  const sum = count * mean * Math.max(0.1, 1 + (0.5 * normal(random)) / Math.sqrt(count));
  const counts = new Array<number>(durations.length + 1).fill(0);
  counts[durations.findIndex((bound) => mean <= bound)] = count;
  return { bounds: durations, counts, sum };
}

function labels(reporter: string, to: number, from: number): Labels {
  const app = (side: string, n: number) => ({
    [`${side}_workload`]: `w${n}-v1`,
    [`${side}_workload_namespace`]: `team-${n % 20}`,
    [`${side}_principal`]: `spiffe://cluster.local/ns/team-${n % 20}/sa/w${n}`,
    [`${side}_canonical_service`]: `w${n}`,
    [`${side}_canonical_revision`]: "v1",
  });
  return {
    reporter,
    ...app("source", from),
    ...app("destination", to),
    destination_service: `w${to}.team-${to % 20}.svc.cluster.local`,
    destination_service_name: `w${to}`,
    destination_service_namespace: `team-${to % 20}`,
    request_protocol: "http",
    connection_security_policy: reporter === "destination" ? "mutual_tls" : "unknown",
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(mean: number, random: () => number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let n = 0;
  for (let p = random(); p > limit; p *= random()) n++;
  return n;
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
