import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Shared } from "./shared.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What is kept of an object beside its metadata. */
export interface Kept {
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly data?: Fields;
}

type Trim = (object: KubernetesObject, shared: Shared) => Kept;

/** What plans, analysis and the API read of Kubernetes' own kinds; of other kinds all but the status, which others write. */
const trims: Readonly<Record<string, Trim>> = {
  [types.Pod]: (object, shared) => ({
    spec: podSpec(object["spec"], shared),
    status: podStatus(object["status"]),
    data: { metadata: podMetadata(object) },
  }),
  [types.Node]: () => ({}),
  [types.Namespace]: () => ({}),
  [types.Service]: ({ spec, status }) => ({ spec, ...loadBalancer(status) }),
  [types.EndpointSlice]: ({ addressType, endpoints, ports }, shared) => ({
    data: {
      addressType,
      endpoints: list(endpoints).map((endpoint) => sliceEndpoint(endpoint, shared)),
      ports: shared.value(ports),
    },
  }),
  [types.Deployment]: ({ spec }, shared) => ({ spec: deploymentSpec(fields(spec), shared) }),
  [types.Secret]: ({ data, type }) => ({ data: { data, type } }),
  [types.ConfigMap]: ({ data, binaryData }) => ({ data: pick({ data, binaryData }, "data", "binaryData") }),
  [types.ServiceEntry]: ({ spec, status }) => ({ spec, status }),
  [types.WorkloadEntry]: ({ spec, status }) => ({ spec, status }),
};

export function trim(type: Type, object: KubernetesObject, shared: Shared): Kept {
  const own = trims[type];
  if (own !== undefined) return own(object, shared);
  const { apiVersion: _a, kind: _k, metadata: _m, spec, status: _s, ...rest } = object;
  return { spec, ...(Object.keys(rest).length === 0 ? {} : { data: rest }) };
}

/** Labels of a Node that say where it is. */
const topology = /^(topology\.(kubernetes|istio)\.io\/|kubernetes\.io\/hostname$)/;
/** Annotations that the mesh does not read, and that are long. */
const dropped =
  /^(kubectl\.kubernetes\.io\/last-applied-configuration$|k8s\.v1\.cni\.cncf\.io\/|cni\.projectcalico\.org\/)/;
/** Annotations of Pods, Nodes and the like that are read. */
const read = /(^|\.)(istio\.io|weft\.dev|prometheus\.io|kubernetes\.io)\//;

/** Labels of a type that are kept. */
export function trimLabels(type: Type, labels: Fields): Fields {
  return type === types.Node ? only(labels, (key) => topology.test(key)) : labels;
}

/** Annotations of a type that are kept. */
export function trimAnnotations(type: Type, annotations: Fields): Fields {
  if (type === types.Node || type === types.EndpointSlice || type === types.Secret || type === types.ConfigMap)
    return {};
  if (type === types.Pod || type === types.Deployment)
    return only(annotations, (key) => read.test(key) && !dropped.test(key));
  return only(annotations, (key) => !dropped.test(key));
}

function podMetadata({ metadata: { uid, ownerReferences, deletionTimestamp } }: KubernetesObject): Fields {
  const owners = list(ownerReferences).map((owner) => pick(owner, "apiVersion", "kind", "name", "controller"));
  return pick({ uid, ownerReferences: owners, deletionTimestamp }, "uid", "ownerReferences", "deletionTimestamp");
}

function podSpec(spec: unknown, shared: Shared): Fields {
  const { containers, initContainers, securityContext, ...rest } = fields(spec);
  return {
    ...pick(rest, "nodeName", "serviceAccountName", "hostNetwork", "readinessGates"),
    ...(securityContext === undefined ? {} : { securityContext: pick(fields(securityContext), "runAsUser") }),
    containers: shared.value(list(containers).map(container)),
    ...(initContainers === undefined ? {} : { initContainers: shared.value(list(initContainers).map(container)) }),
  };
}

function container(value: Fields): Fields {
  const { ports, securityContext, ...rest } = value;
  return {
    ...pick(rest, "name", "image", "restartPolicy"),
    ...(ports === undefined ? {} : { ports: list(ports).map((p) => pick(p, "name", "containerPort", "protocol")) }),
    ...(securityContext === undefined ? {} : { securityContext: pick(fields(securityContext), "runAsUser") }),
  };
}

/** Environment is kept where analysis looks for a setting of Istio's control plane. */
const lookedFor = "BLOCKED_CIDRS_IN_JWKS_URIS";

function deploymentSpec(spec: Fields, shared: Shared): Fields {
  const template = fields(spec["template"]);
  const metadata = fields(template["metadata"]);
  const pod = podSpec(template["spec"], shared);
  const containers = list(fields(template["spec"])["containers"]).map((each) => {
    const env = list(each["env"]).filter(({ name }) => name === lookedFor);
    return { ...container(each), ...(env.length === 0 ? {} : { env }) };
  });
  return {
    ...pick(spec, "replicas", "selector"),
    template: {
      metadata: pick(
        { ...metadata, annotations: trimAnnotations(types.Pod, fields(metadata["annotations"])) },
        "labels",
        "annotations",
      ),
      spec: { ...pod, containers: shared.value(containers) },
    },
  };
}

function podStatus(value: unknown): Fields {
  const { phase, podIP, podIPs, conditions, containerStatuses, initContainerStatuses } = fields(value);
  const own = list(initContainerStatuses).filter(({ name }) => name === "istio-proxy");
  return {
    ...pick({ phase, podIP, podIPs }, "phase", "podIP", "podIPs"),
    conditions: list(conditions)
      .filter(({ type }) => type === "Ready" || type === "ContainersReady")
      .map((condition) => pick(condition, "type", "status", ...(condition["status"] === "True" ? [] : ["message"]))),
    containerStatuses: [...list(containerStatuses), ...own].map(containerStatus),
  };
}

function containerStatus(value: Fields): Fields {
  const { running, waiting, terminated } = fields(value["state"]);
  return {
    ...pick(value, "name", "ready", "restartCount"),
    state: {
      ...(running === undefined ? {} : { running: {} }),
      ...(waiting === undefined ? {} : { waiting: pick(fields(waiting), "reason", "message") }),
      ...(terminated === undefined ? {} : { terminated: pick(fields(terminated), "exitCode", "reason") }),
    },
  };
}

function loadBalancer(status: unknown): Kept {
  const found = fields(status)["loadBalancer"];
  return found === undefined || Object.keys(fields(found)).length === 0 ? {} : { status: { loadBalancer: found } };
}

function sliceEndpoint(endpoint: Fields, shared: Shared): Fields {
  const { targetRef, conditions, hints, ...rest } = endpoint;
  return {
    ...pick(rest, "addresses", "hostname", "zone", "nodeName"),
    ...(conditions === undefined ? {} : { conditions: shared.value(conditions) }),
    ...(hints === undefined ? {} : { hints: shared.value(hints) }),
    ...(targetRef === undefined ? {} : { targetRef: pick(fields(targetRef), "kind", "namespace", "name") }),
  };
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
}

function pick(from: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]] as const])));
}

function only(from: Fields, keep: (key: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keep(key)));
}
