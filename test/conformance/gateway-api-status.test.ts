import { expect, test } from "vitest";
import type { Change } from "../../src/model/change.ts";
import { istioController } from "../../src/model/gateway-class.ts";
import type { Resource } from "../../src/model/resource.ts";
import { apply, empty, get, type Snapshot } from "../../src/model/snapshot.ts";
import { types } from "../../src/model/types.ts";
import { gatewayApiStatus } from "../../src/operate/status/gateway-api/statuses.ts";
import { mergedStatus } from "../../src/operate/status/merge.ts";
import { GatewayRouters } from "../../src/sources/gateway-routers/routers.ts";
import { parseText } from "../../src/sources/text/text.ts";
import { VirtualAddresses } from "../../src/sources/virtual-addresses.ts";
import { Tracker } from "../../src/track/tracker.ts";
import { type Case, cases, isHere, type Step } from "./gateway-api/cases.ts";
import { overlaid } from "./gateway-api/overlay.ts";
import { type Certificates, suiteCertificates } from "./gateway-api/secrets.ts";
import { type Cluster, judgeStatus, type Read } from "./gateway-api/status.ts";

// Every expectation of Gateway API's conformance cases about the status of objects, held against what Weft writes.

const stamp = { now: "2026-01-01T00:00:00Z", isOwn: (name: string) => name === istioController };

/** A cluster with objects, where Weft has written every status. */
function cluster(tracker: Tracker, snapshot: Snapshot): Cluster {
  return {
    controllerName: istioController,
    read: (kind, { Namespace, Name }) => {
      const ref = { type: `${kind}.gateway.networking.k8s.io`, namespace: Namespace, name: Name };
      const found = get(snapshot, ref);
      const wanted = found && gatewayApiStatus(tracker, ref);
      if (found === undefined || wanted === undefined) return Promise.resolve(undefined);
      const { generation } = found;
      const status = mergedStatus(wanted, {}, { ...stamp, generation }) as Read["status"];
      return Promise.resolve({ metadata: { generation }, status });
    },
  };
}

/** What a cluster makes of Gateways beside Weft: routers that are ready, with an address of a load balancer. */
function surroundings(changes: readonly Change[]): readonly Change[] {
  const made = new GatewayRouters(new VirtualAddresses(), { lowPorts: true }).follow(changes);
  return made.flatMap((change) => {
    if (!("put" in change) || change.put.type !== types.Service) return [change];
    const status = { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } };
    return [{ put: { ...change.put, status } }, { put: sliceOf(change.put) }];
  });
}

function sliceOf(service: Resource): Resource {
  const { ports } = service.spec as {
    readonly ports: readonly { readonly name: string; readonly targetPort: number }[];
  };
  return {
    ...service,
    ...{ type: types.EndpointSlice, apiVersion: "discovery.k8s.io/v1", name: `${service.name}-x` },
    labels: { "kubernetes.io/service-name": service.name },
    spec: {},
    data: {
      endpoints: [{ addresses: ["10.0.0.9"], conditions: { ready: true } }],
      ports: ports.map((p) => ({ name: p.name, port: p.targetPort })),
    },
  };
}

/** The expectations of a case that are not met. */
async function run(c: Case, certificates: Certificates): Promise<readonly string[]> {
  const files = [c.base, ...c.manifests].map((file) => [file, overlaid(file, false, certificates.files).text] as const);
  const all = [...files, ["certificates.yaml", certificates.objects] as const];
  const put = all.flatMap(([file, yaml]) => parseText(file, yaml).resources).map((resource) => ({ put: resource }));
  let snapshot = apply(empty, [...put, ...surroundings(put)]);
  const tracker = new Tracker(snapshot);
  const unmet: string[] = [];
  for (const step of c.steps) {
    if (step.kind === "mutate") {
      snapshot = apply(snapshot, [{ remove: { type: types.ReferenceGrant, ...step.object.metadata } }]);
      tracker.advance(snapshot);
    } else if (step.kind === "status") {
      const fault = await judgeStatus(cluster(tracker, snapshot), step);
      if (fault !== undefined) unmet.push(`${step.assert}: ${fault}`);
    }
  }
  return unmet;
}

const isStatus = (step: Step) => step.kind === "status";

if (!isHere) {
  test("the conformance cases are here", () => {
    process.stdout.write("conformance/gateway-api-status: no cases at ../shared/conformance, nothing was checked\n");
    expect(process.env["CI"]).not.toBe("true");
  });
} else {
  const some = cases().filter((c) => c.steps.some(isStatus));

  test("covers every expectation", () => expect(some.flatMap((c) => c.steps.filter(isStatus)).length).toBe(222));

  test.each(some.map((c) => [c.id, c] as const))("%s", async (_id, c) => {
    const certificates = await suiteCertificates();
    try {
      expect(await run(c, certificates)).toEqual([]);
    } finally {
      certificates.remove();
    }
  });
}
