import { fromBinary, toJson } from "@bufbuild/protobuf";
import type { PolicyCheck } from "../../api/cli-contract.ts";
import type { ConfigDumpResource } from "../../api/contract/proxy-config.ts";
import { Refusal } from "../../api/http/answer.ts";
import { claimsOf, headerOf } from "../../api/policy-answer.ts";
import { checkPolicy, partiesOfFiles } from "../../api/policy-check.ts";
import { type Party, understand } from "../../api/policy-question.ts";
import { proxyConfig, proxyKey } from "../../discovery/resources/proxy.ts";
import { envoyTypes } from "../../gen/envoy-types.ts";
import type { Proxy } from "../../model/proxy.ts";
import type { Resource } from "../../model/resource.ts";
import { apply, empty, get, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { readText } from "../../sources/text/text.ts";
import { Tracker } from "../../track/tracker.ts";
import type { ProxyConfig } from "../../xds/resource.ts";
import { TYPE } from "../../xds/type-url.ts";
import { CliError, exitCodeOf } from "../exit.ts";
import { readInputs } from "../inputs.ts";
import type { Session } from "../session.ts";

/** What `weft policy check` was asked. */
export interface CheckQuery {
  readonly from: string;
  readonly to: string;
  readonly method?: string;
  readonly path?: string;
  readonly namespace: string;
  readonly headers: readonly string[];
  readonly claims?: string;
}

/** The same answer without a mesh: by what the proxies of a mesh of these files would be sent. A Deployment stands for its Pods. */
export async function checkFiles(query: CheckQuery, files: readonly string[], session: Session): Promise<PolicyCheck> {
  const { cwd, readStdin, loadValidate } = session.deps;
  const validate = await loadValidate();
  const inputs = await readInputs(files, cwd, readStdin);
  const objects = inputs.flatMap(({ file, text, found }) =>
    readText(file, text, validate, undefined, found).flatMap((r) => r.resources),
  );
  return checkObjects(query, objects);
}

/** Pure. Throws a CliError for a name that nobody has. */
export function checkObjects({ headers, claims, ...query }: CheckQuery, objects: readonly Resource[]): PolicyCheck {
  const given = apply(
    empty,
    objects.map((put) => ({ put })),
  );
  const parties = partiesOfFiles(given);
  const snapshot = apply(
    given,
    parties.flatMap((party) => podOf(party, given)).map((put) => ({ put })),
  );
  const tracker = new Tracker(snapshot);
  const { trustDomain } = tracker.ask(mesh, "");
  try {
    const question = {
      ...query,
      headers: headers.map(headerOf),
      ...(claims === undefined ? {} : { claims: claimsOf(claims) }),
    };
    const asked = understand(question, parties, snapshot, trustDomain);
    const config = tracker.ask(proxyConfig, proxyKey(proxyOf(asked.target, trustDomain)));
    const dumps = { extensions: dumped(config, TYPE.extension), listeners: dumped(config, TYPE.listener) };
    return checkPolicy(asked, dumps, snapshot);
  } catch (error) {
    if (error instanceof Refusal) throw new CliError(exitCodeOf(error.status), error.message, error.fix);
    throw error;
  }
}

/** A Pod as the Deployment would make it, so that names of its ports are known. */
function podOf({ namespace, workload, pod, labels }: Party, snapshot: Snapshot): readonly Resource[] {
  const deployment = get(snapshot, { type: types.Deployment, namespace, name: workload });
  const spec = (deployment?.spec as { template?: { spec?: unknown } } | undefined)?.template?.spec;
  if (deployment === undefined || spec === undefined) return [];
  return [{ ...deployment, type: types.Pod, apiVersion: "v1", name: pod, labels, spec }];
}

function proxyOf({ namespace, workload, pod, labels, serviceAccount }: Party, trustDomain: string): Proxy {
  return {
    ...{ id: `sidecar~10.0.0.1~${pod}.${namespace}~${namespace}.svc.cluster.local`, kind: "sidecar", name: pod },
    ...{ namespace, ips: ["10.0.0.1"], labels, identity: { trustDomain, namespace, serviceAccount }, serviceAccount },
    ...{ workload, kubeCluster: "Kubernetes", locality: { region: "", zone: "", subzone: "" }, dnsDomain: "" },
    ...{ istioAgent: false, metadata: {} },
  };
}

function dumped(config: ProxyConfig, typeUrl: string): readonly ConfigDumpResource[] {
  const registry = envoyTypes();
  const desc = registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  if (desc === undefined) return [];
  return [...(config.get(typeUrl)?.resources.values() ?? [])].map(({ name, version, origins, body }) => ({
    ...{ name, version, origins },
    resource: toJson(desc, fromBinary(desc, body), { registry, useProtoFieldName: true }),
  }));
}
