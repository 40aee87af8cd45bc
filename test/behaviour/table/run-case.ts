import { randomUUID } from "node:crypto";
import type { Case, Expectation, KubeObject, Step } from "./format.ts";
import { faults } from "./judge.ts";
import type { Order, Report } from "./mesh/wire.ts";
import type { TableMesh } from "./mesh.ts";
import { filled } from "./placeholders.ts";

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));
/** How long what comes by and by may take, in ms. */
const patience = 15_000;

/** Makes the calls of a case; answers what is wrong. `objects` are those of its state. */
export async function runCase(mesh: TableMesh, one: Case, objects: readonly KubeObject[]): Promise<readonly string[]> {
  const end = performance.now() + patience;
  for (;;) {
    const wrong = await attempt(mesh, one, objects);
    if (wrong.length === 0 || !one.eventually || performance.now() > end) return wrong;
    await pause(50);
  }
}

async function attempt(mesh: TableMesh, one: Case, objects: readonly KubeObject[]): Promise<readonly string[]> {
  const id = randomUUID();
  const callers = new Set<string>();
  try {
    for (const [i, step] of one.steps.entries()) {
      if (step.keep) callers.add(step.from ?? callerOf(step));
      const wrong = await runStep(mesh, await filled(step, mesh.certificates, mesh), `${id}.${i}`, objects);
      if (wrong.length > 0) return one.steps.length > 1 ? wrong.map((fault) => `step ${i + 1}: ${fault}`) : wrong;
    }
    return [];
  } finally {
    for (const caller of callers) await mesh.forget(caller);
  }
}

/** Whoever calls a gateway stands outside, unless it is said otherwise. */
const callerOf = ({ from, via }: Step) => from ?? (via === undefined ? "client" : "outside");

async function runStep(mesh: TableMesh, step: Step, id: string, objects: readonly KubeObject[]) {
  if (step.after !== undefined) await pause(step.after * 1000);
  const order = await orderOf(mesh, step, id, objects);
  const outcomes = await mesh.call(callerOf(step), order, step.times ?? 1, step.parallel ?? 1);
  const end = performance.now() + 3000;
  for (;;) {
    const wrong = faults(step.expect, outcomes, await requestsOf(mesh, step.expect, id));
    // Copies of requests come when they come.
    if (wrong.length === 0 || step.expect.got === undefined || performance.now() > end) return wrong;
    await pause(20);
  }
}

async function requestsOf(mesh: TableMesh, { got = {} }: Expectation, id: string) {
  const all = Object.keys(got).map(async (who) => [who, await mesh.seen(who, id)] as const);
  return new Map<string, readonly Report[]>(await Promise.all(all));
}

async function orderOf(mesh: TableMesh, step: Step, id: string, objects: readonly KubeObject[]): Promise<Order> {
  const [, method = "GET", url = ""] = /^(?:([A-Z]+) )?(\w+:\/\/.*)$/s.exec(step.call) ?? [];
  const bytes = /^(tcp|tls):/.test(url);
  return {
    url,
    method,
    headers: {
      ...(bytes ? {} : { "x-case": id }),
      ...(step.do === undefined ? {} : { "x-do": JSON.stringify(step.do) }),
      ...step.headers,
    },
    ...(step.via === undefined ? {} : { connect: await gatewayAt(mesh, step.via, url, objects) }),
    ...(step.body === undefined ? {} : { body: step.body }),
    ...(step.size === undefined ? {} : { size: step.size }),
    ...(step.trailers === undefined ? {} : { trailers: step.trailers }),
    ...(step.sni === undefined ? {} : { sni: step.sni }),
    ...(alpnOf(step, url) === undefined ? {} : { alpn: alpnOf(step, url) as readonly string[] }),
    ...(step.cert === undefined ? {} : { identity: mesh.certificates.of(step.cert) }),
    ca: mesh.certificates.ca,
    timeout: (step.timeout ?? 20) * 1000,
    messages: step.messages ?? 1,
    keep: step.keep ?? false,
  };
}

function alpnOf({ alpn }: Step, url: string): readonly string[] | undefined {
  return alpn ?? (url.startsWith("grpcs:") ? ["h2"] : undefined);
}

/** Where a gateway listens for a URL's port: on its Service's target port, where it has a Service. */
async function gatewayAt(mesh: TableMesh, via: string, url: string, objects: readonly KubeObject[]) {
  const usual = /^(https|grpcs|wss|tls):/.test(url) ? 443 : 80;
  const port = Number(/^\w+:\/\/(?:\[[^\]]+\]|[^/:?]+):(\d+)/.exec(url)?.[1] ?? usual);
  const workload = via.includes("/") ? via : `istio-system/${via}`;
  const [namespace, name] = workload.split("/");
  const service = objects.find(
    (o) => o.kind === "Service" && (o.metadata.namespace ?? "default") === namespace && o.metadata.name === name,
  );
  const ports = (service?.["spec"] as { ports?: { port: number; targetPort?: number }[] } | undefined)?.ports;
  const standard =
    namespace === "istio-system" && name?.endsWith("gateway") ? { 80: 8080, 443: 8443 }[port] : undefined;
  const target = ports?.find((p) => p.port === port)?.targetPort ?? standard ?? port;
  return { host: await mesh.gatewayAddress(workload), port: target };
}
