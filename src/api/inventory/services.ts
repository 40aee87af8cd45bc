import type { Resource } from "../../model/resource.ts";
import { all, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { ServiceItem, ServicePortItem } from "../contract/inventory.ts";
import type { MeasuredEdge } from "../edges.ts";
import { answerVerdict, type Verdict } from "../health.ts";
import type { Member } from "../roster.ts";
import { readTolerances, toleranceAnnotation } from "../tolerance.ts";
import { summaryOf } from "../workloads.ts";
import { objectsByHost } from "./objects.ts";

interface ServiceSpec {
  readonly clusterIP?: string;
  readonly type?: string;
  readonly externalName?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly name?: string;
    readonly port?: number;
    readonly targetPort?: number | string;
    readonly protocol?: string;
    readonly appProtocol?: string;
  }[];
}

/** Every Service with who stands behind it and how it answers. */
export function servicesOf(
  snapshot: Snapshot,
  roster: ReadonlyMap<string, Member>,
  edges: readonly MeasuredEdge[],
  domain: string,
): ServiceItem[] {
  const byHost = Map.groupBy(edges, (e) => e.service);
  const objects = objectsByHost(snapshot, domain);
  const byNamespace = Map.groupBy(roster.values(), (m) => m.namespace);
  return all(snapshot, types.Service).map((service) => {
    const spec = service.spec as ServiceSpec;
    const host = `${service.name}.${service.namespace}.svc.${domain}`;
    const behind = membersOf(spec.selector, byNamespace.get(service.namespace) ?? []);
    const inbound = byHost.get(host) ?? [];
    const total = behind.reduce((n, { pods }) => n + pods.length, 0);
    const ready = behind.reduce((n, { pods }) => n + pods.filter((p) => p.ready).length, 0);
    return {
      namespace: service.namespace,
      name: service.name,
      host,
      ...verdictOf(service, inbound, { ready, total }),
      ports: (spec.ports ?? []).map(portOf),
      ...(spec.clusterIP && spec.clusterIP !== "None" ? { address: spec.clusterIP } : {}),
      workloads: behind.map(({ id }) => id),
      endpoints: { ready, total },
      inbound: summaryOf(inbound),
      objects: objects.get(host) ?? [],
      at: service.origin.at,
    };
  });
}

/** Members that carry all labels of a selector; nobody where nothing is selected. */
export function membersOf(
  selector: Readonly<Record<string, string>> | undefined,
  members: readonly Member[],
): readonly Member[] {
  const wanted = Object.entries(selector ?? {});
  if (wanted.length === 0) return [];
  const has = (labels: Readonly<Record<string, string>>) => wanted.every(([key, value]) => labels[key] === value);
  return members.filter(
    ({ pods, proxies }) => pods.some((p) => has(p.labels)) || proxies.some((p) => has(p.proxy.labels)),
  );
}

function verdictOf(
  service: Resource,
  inbound: readonly MeasuredEdge[],
  { ready, total }: ServiceItem["endpoints"],
): Verdict {
  const { selector, type, externalName } = service.spec as ServiceSpec;
  const answers = answerVerdict(inbound, readTolerances(service.annotations[toleranceAnnotation]));
  if (answers) return answers;
  if (type === "ExternalName") return { health: "healthy", sentence: `stands for ${externalName ?? "no host"}` };
  if (Object.keys(selector ?? {}).length === 0)
    return { health: "unknown", sentence: "its endpoints are listed by hand, not selected" };
  if (total === 0) return { health: "degraded", sentence: "no Pod has the labels that it selects" };
  if (ready === 0) return { health: "failing", sentence: `none of its ${total} endpoints is ready` };
  const heard = inbound.some((e) => e.count > 0) ? "answers well" : "nobody called it lately";
  if (ready < total) return { health: "degraded", sentence: `${ready} of ${total} endpoints ready` };
  return {
    health: "healthy",
    sentence: `${total === 1 ? "its endpoint is" : `all ${total} endpoints are`} ready, ${heard}`,
  };
}

type Port = NonNullable<ServiceSpec["ports"]>[number];

function portOf({ name = "", port = 0, targetPort, protocol, appProtocol }: Port): ServicePortItem {
  const spoken = appProtocol ?? (name.split("-")[0] || (protocol ?? "TCP").toLowerCase());
  return { number: port, name, protocol: spoken, target: String(targetPort ?? port) };
}
