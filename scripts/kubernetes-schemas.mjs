// Structural schemas of Kubernetes' own kinds, out of client-go's table of field types (applyconfigurations/internal/internal.go).
// The table knows every field and its type, but neither what is required nor enums: those are checked by hand where the mesh reads them.
import { parse } from "yaml";

/** Kinds to take: the type as Weft names it, and Kubernetes' name in the table. */
const kinds = {
  Namespace: "io.k8s.api.core.v1.Namespace",
  Node: "io.k8s.api.core.v1.Node",
  Pod: "io.k8s.api.core.v1.Pod",
  Service: "io.k8s.api.core.v1.Service",
  ServiceAccount: "io.k8s.api.core.v1.ServiceAccount",
  Secret: "io.k8s.api.core.v1.Secret",
  ConfigMap: "io.k8s.api.core.v1.ConfigMap",
  Endpoints: "io.k8s.api.core.v1.Endpoints",
  "EndpointSlice.discovery.k8s.io": "io.k8s.api.discovery.v1.EndpointSlice",
  "Deployment.apps": "io.k8s.api.apps.v1.Deployment",
  "StatefulSet.apps": "io.k8s.api.apps.v1.StatefulSet",
  "DaemonSet.apps": "io.k8s.api.apps.v1.DaemonSet",
  "ReplicaSet.apps": "io.k8s.api.apps.v1.ReplicaSet",
  "Job.batch": "io.k8s.api.batch.v1.Job",
  "CronJob.batch": "io.k8s.api.batch.v1.CronJob",
  "Ingress.networking.k8s.io": "io.k8s.api.networking.v1.Ingress",
};
const clusterScoped = new Set(["Namespace", "Node"]);

/** `{ type: { schema, scope } }` for the text of internal.go. */
export function kubernetesSchemas(source) {
  const yaml = /schemaYAML = typed\.YAMLObject\(`([\s\S]*?)`\)/.exec(source)?.[1];
  if (yaml === undefined) throw new Error("internal.go has another form than before");
  const types = new Map(parse(yaml).types.map((t) => [t.name, t]));
  const answer = {};
  for (const [type, name] of Object.entries(kinds)) {
    const root = schemaOf(types, types.get(name), name);
    const { apiVersion: _a, kind: _k, metadata: _m, status: _s, ...properties } = root.properties;
    answer[type] = {
      schema: { type: "object", properties: { ...properties, status: any } },
      scope: clusterScoped.has(type) ? "Cluster" : "Namespaced",
    };
  }
  return answer;
}

const any = { nullable: true, "x-kubernetes-preserve-unknown-fields": true };
const scalars = { string: "string", numeric: "number", boolean: "boolean" };

function schemaOf(types, type, name) {
  if (type?.namedType) {
    // Times, quantities and the like are texts with a form of their own; "port or name" may be either.
    if (type.namedType.endsWith("intstr.IntOrString")) return { nullable: true, "x-kubernetes-int-or-string": true };
    return schemaOf(types, types.get(type.namedType), type.namedType);
  }
  if (name.endsWith("meta.v1.Time") || name.endsWith("meta.v1.MicroTime")) return { type: "string", nullable: true };
  if (type?.scalar !== undefined) return scalars[type.scalar] ? { type: scalars[type.scalar], nullable: true } : any;
  if (type?.list) {
    // A field that is null is absent; an item that is null is nothing that the mesh could read.
    const { nullable: _n, ...items } = schemaOf(types, type.list.elementType, "");
    return { type: "array", nullable: true, items };
  }
  if (!type?.map) return any;
  const { fields, elementType } = type.map;
  if (elementType?.namedType === "__untyped_deduced_" || (!fields && !elementType)) return any;
  if (!fields) return { type: "object", nullable: true, additionalProperties: schemaOf(types, elementType, "") };
  const properties = Object.fromEntries(fields.map((f) => [f.name, schemaOf(types, f.type, "")]));
  return { type: "object", nullable: true, properties };
}
