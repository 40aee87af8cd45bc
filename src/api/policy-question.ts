import { parseSpiffeId, spiffeId } from "../model/identity.ts";
import { list, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Request } from "../reason/request.ts";
import { Refusal } from "./http/answer.ts";

/** Who may call or be called: a Pod, or what a Deployment in a file would make. */
export interface Party {
  readonly namespace: string;
  readonly workload: string;
  /** Name of the Pod. */
  readonly pod: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly ip?: string;
  /** Container port name → number. */
  readonly ports: Readonly<Record<string, number>>;
}

/** A question as somebody writes it. */
export interface Question {
  /** `anonymous`, a SPIFFE ID, `NAMESPACE/sa/NAME`, or a workload: `NAMESPACE/NAME`, `NAME`. */
  readonly from: string;
  /** A workload, or a Service with its port: `reviews:9080`, `reviews.shop:9080`, `shop/reviews-v1:9080`. */
  readonly to: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Claims of a verified token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Where names without one are looked for. */
  readonly namespace: string;
}

export interface Asked {
  readonly target: Party;
  readonly request: Request;
}

/** The question with names made identities and addresses. Throws a Refusal for a name that nobody has. */
export function understand(
  question: Question,
  parties: readonly Party[],
  snapshot: Snapshot,
  trustDomain: string,
): Asked {
  const { from, to, method, path, headers, claims, namespace } = question;
  const { target, port } = targetOf(to, namespace, parties, snapshot);
  const caller = callerOf(from, namespace, parties, trustDomain);
  const host = headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? to.replace(/^.*\//, "");
  const given = headers.filter(([name]) => name.toLowerCase() !== "host");
  const address = caller.ip ?? "";
  return {
    target,
    request: {
      ...(caller.identity === undefined ? {} : { identity: caller.identity }),
      ...{ address, remoteAddress: address, serverName: "", destination: { address: target.ip ?? "", port } },
      ...(method === undefined ? {} : { method, path: path ?? "/" }),
      headers: [
        ...(method === undefined
          ? []
          : ([
              [":method", method],
              [":path", path ?? "/"],
              [":authority", host],
            ] as const)),
        ...given.map(([name, value]) => [name.toLowerCase(), value] as const),
      ],
      metadata: {
        ...(claims === undefined ? {} : { "envoy.filters.http.jwt_authn": { payload: claims } }),
        "weft.headers": joined(given),
      },
    },
  };
}

/** Values of headers that came several times, as the proxy joins them. */
function joined(headers: Question["headers"]): Readonly<Record<string, string>> {
  const groups = Map.groupBy(headers, ([name]) => name.toLowerCase());
  return Object.fromEntries([...groups].map(([name, all]) => [name, all.map(([, value]) => value).join(",")]));
}

function callerOf(
  from: string,
  namespace: string,
  parties: readonly Party[],
  trustDomain: string,
): { identity?: string; ip?: string } {
  if (from === "anonymous") return {};
  if (parseSpiffeId(from) !== undefined) return { identity: from };
  const account = /^([^/]+)\/(?:sa\/)?([^/]+)$/.exec(from);
  const [, ns = namespace, name = from] = account ?? [];
  const party = from.includes("/sa/") ? undefined : find(parties, ns, name);
  if (party !== undefined)
    return {
      identity: spiffeId({ trustDomain, namespace: party.namespace, serviceAccount: party.serviceAccount }),
      ...(party.ip === undefined ? {} : { ip: party.ip }),
    };
  if (account === null)
    throw new Refusal(
      404,
      `there is no workload ${ns}/${name}`,
      "write NAMESPACE/sa/NAME for a ServiceAccount, or anonymous",
    );
  return { identity: spiffeId({ trustDomain, namespace: ns, serviceAccount: name }) };
}

function find(parties: readonly Party[], namespace: string, name: string): Party | undefined {
  return parties.find((p) => p.namespace === namespace && (p.workload === name || p.pod === name));
}

interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly port: number; readonly name?: string; readonly targetPort?: number | string }[];
}

/** A Service's name with one of its ports is the Service, although a workload may be called so, too. */
function targetOf(
  to: string,
  namespace: string,
  parties: readonly Party[],
  snapshot: Snapshot,
): { target: Party; port: number } {
  const [, place = "", portText] = /^(.*?)(?::(\d+))?$/.exec(to) ?? [];
  const port = portText === undefined ? undefined : Number(portText);
  const slash = place.indexOf("/");
  const [name = "", ns = namespace] = slash < 0 ? place.split(".") : [place.slice(slash + 1), place.slice(0, slash)];
  const service = list(snapshot, types.Service, ns).find((s) => s.name === name);
  const ports = (service?.spec as ServiceSpec | undefined)?.ports ?? [];
  const chosen = port === undefined && ports.length === 1 ? ports[0] : ports.find((p) => p.port === port);
  const workload = find(parties, ns, name);
  if (service === undefined || chosen === undefined) {
    if (workload !== undefined) return { target: workload, port: port ?? onlyPort(workload, to) };
    if (service === undefined)
      throw new Refusal(404, `there is no workload and no Service ${place}`, "weft status lists workloads");
    const has = `it has ${ports.map((p) => p.port).join(", ")}`;
    throw new Refusal(404, `Service ${ns}/${name} has no port ${portText ?? "that is its only one"}`, has);
  }
  const selector = Object.entries((service.spec as ServiceSpec).selector ?? {});
  const target = parties.find(
    (p) => p.namespace === ns && selector.length > 0 && selector.every(([k, v]) => p.labels[k] === v),
  );
  if (target === undefined) throw new Refusal(404, `nobody stands behind Service ${ns}/${name}`);
  const { targetPort = chosen.port } = chosen;
  return { target, port: typeof targetPort === "number" ? targetPort : (target.ports[targetPort] ?? chosen.port) };
}

function onlyPort({ ports, namespace, workload }: Party, to: string): number {
  const [only, another] = [...new Set(Object.values(ports))];
  if (only !== undefined && another === undefined) return only;
  throw new Refusal(400, `which port of ${namespace}/${workload} is meant?`, `write it: ${to}:PORT`);
}
