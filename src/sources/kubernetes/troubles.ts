import type { KubernetesError } from "../../kubernetes/error.ts";
import type { ApiResource } from "../../kubernetes/object.ts";
import type { WatchState } from "../../kubernetes/watch-options.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { formatRef, kindOf, type Ref, type Resource } from "../../model/resource.ts";
import { groupOf } from "./kinds.ts";

/** What a watch of a whole kind has to tell people; nothing while it is well. */
export function refusalOf({ group, plural }: ApiResource, type: string, state: WatchState): readonly Diagnostic[] {
  if (state.kind !== "refused" || state.error.code === 404) return [];
  const rule = `{apiGroups: ["${group}"], resources: [${plural}], verbs: [get, list, watch]}`;
  return [
    {
      code: codes.mayNotRead,
      level: "Error",
      message: `${kindOf(type)} objects of the cluster cannot be read: ${firstLine(state.error)}`,
      fix: `add ${rule} to the control plane's ClusterRole`,
    },
  ];
}

/** What a watch of one Secret or ConfigMap has to tell whoever names it. */
export function namedRefusalOf(ref: Ref, by: Resource | undefined, state: WatchState): readonly Diagnostic[] {
  if (state.kind !== "refused") return [];
  const about = by && { type: by.type, namespace: by.namespace, name: by.name };
  return [
    {
      code: codes.mayNotRead,
      level: "Error",
      ...(about === undefined ? {} : { about }),
      ...(by === undefined ? {} : { position: by.origin.locate([]) }),
      message: `${formatRef(ref)} cannot be read: ${firstLine(state.error)}`,
      fix: kindOf(ref.type) === "Secret" ? bindReader(ref.namespace, state.error) : `add ${configMapRule}`,
    },
  ];
}

const configMapRule =
  '{apiGroups: [""], resources: [configmaps], verbs: [get, list, watch]} to the control plane\'s ClusterRole';

/** The server's refusal says who was refused. */
function bindReader(namespace: string, { message }: KubernetesError): string {
  const [, account = "istio-system:weft"] = /system:serviceaccount:([^"]+)"/.exec(message) ?? [];
  const role = "weft-secret-reader";
  return `run kubectl create rolebinding ${role} -n ${namespace} --clusterrole=${role} --serviceaccount=${account}`;
}

/** Kinds that are not served, one finding for each API group. */
export function missingKinds(types: readonly string[]): readonly Diagnostic[] {
  const groups = [...Map.groupBy([...types].sort(), groupOf)];
  return groups.map(([group, missing]) => ({
    code: codes.notServed,
    level: "Info",
    message: `the API server does not serve ${missing.map(kindOf).join(", ")} of ${group}: such objects are not read`,
    fix: "install their CustomResourceDefinitions if you use them; they are picked up then",
  }));
}

/** A kind that is served in versions that nobody here knows. */
export function unknownVersions(type: string, served: readonly string[], known: readonly string[]): Diagnostic {
  return {
    code: codes.notServed,
    level: "Warning",
    message: `the API server serves ${kindOf(type)} of ${groupOf(type)} as ${served.join(", ")} alone, which is not read here`,
    fix: `serve ${known.join(" or ")} too, or upgrade the control plane`,
  };
}

/** The server is away, or does not know us any more. */
export function staleSince(server: string, since: number, error: KubernetesError): Diagnostic {
  const why =
    error.code === 0 ? error.message : `the API server at ${server} answers ${error.code} (${firstLine(error)})`;
  return {
    code: codes.stale,
    level: "Warning",
    message: `stale since ${new Date(since).toISOString()}: ${why}; what it said before stays in force`,
    fix: error.code === 401 ? "check the control plane's credentials" : "see why the API server does not answer",
  };
}

function firstLine({ message }: KubernetesError): string {
  return (message.split("\n")[0] ?? "").replace(/\.$/, "");
}
