import { at } from "../model/origin.ts";
import { get, list, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Json } from "../reason/json.ts";
import { type TakenAt, takenAt } from "../reason/listener.ts";
import { type AuthorizationFilter, httpFilters, type Verdict, verdictOf } from "../reason/verdict.ts";
import type { PolicyCheck } from "./cli-contract.ts";
import type { AccessPolicy } from "./contract/access.ts";
import type { ConfigDumpResource } from "./contract/proxy-config.ts";
import type { Asked, Party } from "./policy-question.ts";
import type { PodStatus } from "./state.ts";

/** What the target's proxy was given. */
export interface Given {
  readonly extensions: readonly ConfigDumpResource[];
  readonly listeners: readonly ConfigDumpResource[];
}

const requestsName = "authorization-http";
/** Only where HTTP may come as bytes. */
const unaskedName = "authorization-unasked-tcp";

/** Which rule decides, by what the target's proxy has. */
export function checkPolicy(
  { target, request }: Asked,
  { extensions, listeners }: Given,
  snapshot: Snapshot,
): PolicyCheck {
  const inbound = listeners.find(({ name }) => name === "virtualInbound")?.resource as Json | undefined;
  const taken = inbound && takenAt(inbound, request.destination.port);
  const http = request.method !== undefined && taken?.http !== false;
  const { method: _, path: __, ...bytes } = request;
  const verdict = verdictOf(filtersOf(extensions, http, taken), http ? request : bytes);
  const to = { namespace: target.namespace, workload: target.workload, port: request.destination.port };
  const base = {
    to,
    protocol: http ? ("http" as const) : ("tcp" as const),
    ...(request.identity === undefined ? {} : { identity: request.identity }),
  };
  if (request.identity === undefined && taken?.plaintext === false)
    return {
      ...base,
      allowed: false,
      how: "plaintext",
      asked: [],
      others: [],
      dryRun: [],
      origins: listeners.find(({ name }) => name === "virtualInbound")?.origins ?? [],
    };
  return { ...base, ...told(verdict, snapshot), origins: [] };
}

function filtersOf(
  extensions: readonly ConfigDumpResource[],
  http: boolean,
  taken: TakenAt | undefined,
): readonly AuthorizationFilter[] {
  if (http) {
    const chain = extensions.find(({ name }) => name === requestsName)?.resource as Json | undefined;
    return chain === undefined ? [] : httpFilters(chain);
  }
  const order = [
    "authorization-matched-tcp",
    "authorization-ask-tcp",
    ...(taken?.filters.has(unaskedName) === true ? [unaskedName] : []),
    "authorization-deny-tcp",
    "authorization-allow-tcp",
  ];
  const rank = (name: string) => order.findIndex((lead) => name.startsWith(lead));
  return extensions
    .filter(({ name }) => rank(name) >= 0)
    .toSorted((a, b) => rank(a.name) - rank(b.name))
    .map(({ name, resource }) => ({ name, config: (resource as { typed_config?: Json }).typed_config ?? {} }));
}

function told(
  verdict: Verdict,
  snapshot: Snapshot,
): Pick<PolicyCheck, "allowed" | "how" | "policy" | "asked" | "others" | "dryRun"> {
  const named = (id: string) => {
    const policy = policyOf(id, snapshot);
    return policy === undefined ? {} : { policy };
  };
  return {
    ...{ allowed: verdict.allowed, how: verdict.how, asked: verdict.asked },
    ...(verdict.by === undefined ? {} : named(verdict.by)),
    others: verdict.others.map(({ id, action, why }) => ({ id, action, why, ...named(id) })),
    dryRun: verdict.dryRun.map(({ action, denied, by }) => ({
      action,
      denied,
      ...(by === undefined ? {} : named(by)),
    })),
  };
}

/** The rule with an id of access logs: `ns[default]-policy[ratings]-rule[0]`. */
export function policyOf(id: string, snapshot: Snapshot): AccessPolicy | undefined {
  const found = /ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[(\d+)\]/.exec(id);
  if (found === null) return undefined;
  const [, namespace = "", name = "", rule = "0"] = found;
  const object = get(snapshot, { type: types.AuthorizationPolicy, namespace, name });
  const where = object && at(object.origin.locate(["spec", "rules", Number(rule)]));
  return { namespace, name, rule: Number(rule), ...(where === undefined ? {} : { at: where }) };
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: PodSpec;
}

interface PodSpec {
  readonly serviceAccountName?: string;
  readonly containers?: readonly {
    readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[];
  }[];
}

/** Pods that are there. */
export function partiesOf(pods: readonly PodStatus[], snapshot: Snapshot): readonly Party[] {
  return pods.map((pod) => {
    const spec = get(snapshot, { type: types.Pod, namespace: pod.namespace, name: pod.name })?.spec as
      | PodSpec
      | undefined;
    const { namespace, name, workload, labels, serviceAccount, ip } = pod;
    return {
      namespace,
      pod: name,
      workload,
      labels,
      serviceAccount,
      ports: portsOf(spec),
      ...(ip === undefined ? {} : { ip }),
    };
  });
}

/** What Deployments in files would make. */
export function partiesOfFiles(snapshot: Snapshot): readonly Party[] {
  const namespaces = [...(snapshot.objects.get(types.Deployment)?.keys() ?? [])];
  return namespaces.flatMap((namespace) =>
    list(snapshot, types.Deployment, namespace).map(({ name, spec }) => {
      const { metadata, spec: pod } = (spec as { template?: PodTemplate }).template ?? {};
      const serviceAccount = pod?.serviceAccountName ?? "default";
      return {
        namespace,
        workload: name,
        pod: `${name}-0`,
        labels: metadata?.labels ?? {},
        serviceAccount,
        ports: portsOf(pod),
      };
    }),
  );
}

function portsOf(spec: PodSpec | undefined): Readonly<Record<string, number>> {
  const ports = (spec?.containers ?? []).flatMap((c) => c.ports ?? []);
  return Object.fromEntries(
    ports.flatMap(({ name, containerPort }) =>
      containerPort === undefined ? [] : [[name ?? String(containerPort), containerPort]],
    ),
  );
}
