import { analyze } from "../src/analysis/analyze.ts";
import { analyzers } from "../src/analysis/analyzers/list.ts";
import type { Resource } from "../src/model/resource.ts";
import { apply, empty, type Snapshot } from "../src/model/snapshot.ts";
import { parseText } from "../src/sources/text/text.ts";
import { Tracker } from "../src/track/tracker.ts";
import { mainThreadSeconds } from "./process.ts";

// A mesh of 1,000 services, each with a Service, a Deployment, a DestinationRule and a VirtualService, in 20 namespaces; one VirtualService in 20 names a
// subset that is not there. What it costs to find what is wrong: at first, and after an edit of one object (a VirtualService that becomes wrong and
// right again, one that stays right, a Deployment's labels), as CPU time of the thread. Usage: node bench/analyze.ts [SERVICES]

const services = Number(process.argv[2] ?? 1000);
const namespaces = 20;

const namespaceOf = (i: number) => `team-${i % namespaces}`;

function virtualService(i: number, subset: string, timeout = "3s"): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: svc-${i}, namespace: ${namespaceOf(i)}}
spec:
  hosts: [svc-${i}]
  http:
  - match: [{headers: {x-user: {exact: jason}}}]
    route: [{destination: {host: svc-${i}, subset: v2}}]
  - timeout: ${timeout}
    route:
    - {destination: {host: svc-${i}, subset: v1}, weight: 80}
    - {destination: {host: svc-${i}, subset: ${subset}}, weight: 20}
`;
}

function deployment(i: number, tier = "one"): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: svc-${i}, namespace: ${namespaceOf(i)}}
spec:
  selector: {matchLabels: {app: svc-${i}}}
  template:
    metadata: {labels: {app: svc-${i}, version: v1, tier: ${tier}}}
    spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
`;
}

function rest(i: number): string {
  return `apiVersion: v1
kind: Service
metadata: {name: svc-${i}, namespace: ${namespaceOf(i)}}
spec: {selector: {app: svc-${i}}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: svc-${i}, namespace: ${namespaceOf(i)}}
spec:
  host: svc-${i}
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {app: svc-${i}}}]
`;
}

function read(name: string, text: string): readonly Resource[] {
  return parseText(`${name}.yaml`, text).resources;
}

function whole(): Snapshot {
  const objects = Array.from({ length: services }, (_, i) =>
    read(`svc-${i}`, [virtualService(i, i % 20 === 0 ? "v9" : "v2"), deployment(i), rest(i)].join("---\n")),
  ).flat();
  const teams = Array.from({ length: namespaces }, (_, i) =>
    read(
      `team-${i}`,
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: team-${i}, labels: {istio-injection: enabled}}\n`,
    ),
  ).flat();
  return apply(
    empty,
    [...objects, ...teams].map((put) => ({ put })),
  );
}

function milliseconds(run: () => void): number {
  const before = mainThreadSeconds(process.pid);
  run();
  return (mainThreadSeconds(process.pid) - before) * 1000;
}

const snapshot = whole();
const tracker = new Tracker(snapshot);
const first = milliseconds(() => analyze(tracker));
console.info(
  `${[...snapshot.objects.values()].flatMap((by) => [...by.values()].flat()).length} objects, ${analyze(tracker).length} findings`,
);
console.info(`at first: ${first.toFixed(0)} ms`);

const edits: readonly (readonly [says: string, text: (turn: number) => string])[] = [
  ["a VirtualService's timeout", (turn) => virtualService(7, "v2", `${turn + 1}s`)],
  ["a VirtualService's subset, wrong and right", (turn) => virtualService(7, turn % 2 === 0 ? "v9" : "v2")],
  ["a Deployment's labels", (turn) => deployment(7, `t${turn}`)],
];
const slow = new Map<string, number>();
for (const [says, text] of edits) {
  const took = Array.from({ length: 12 }, (_, turn) => {
    const changes = read(`svc-7-edit`, text(turn)).map((put) => ({ put }));
    const next = apply(tracker.snapshot, changes);
    return milliseconds(() => {
      tracker.advance(next);
      for (const { name, step, optional } of analyzers) {
        if (optional) continue;
        const ms = milliseconds(() => tracker.ask(step, ""));
        slow.set(name, (slow.get(name) ?? 0) + ms / 12);
      }
      analyze(tracker);
    });
  }).sort((a, b) => a - b);
  console.info(`after ${says}: ${(took[6] ?? 0).toFixed(1)} ms (worst ${(took.at(-1) ?? 0).toFixed(1)})`);
}
const worst = [...slow].sort((a, b) => b[1] - a[1]).slice(0, 12);
for (const [name, ms] of worst) console.info(`  ${name}: ${ms.toFixed(2)} ms over the three`);
