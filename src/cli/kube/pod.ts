import type { KubeObject } from "./list.ts";

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly { readonly containerPort: number; readonly protocol?: string; readonly name?: string }[];
}

/** The parts of a Pod that commands read. */
export interface Pod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly serviceAccountName?: string;
    readonly containers?: readonly ContainerSpec[];
    readonly initContainers?: readonly ContainerSpec[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly message?: string;
    readonly reason?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** The name of the sidecar's (and a gateway's) container. */
export const proxyContainer = "istio-proxy";

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
}

/** `weft: ImagePullBackOff`, `Pending: 0/1 nodes are available`, `weft is not ready`. */
export function whyNotReady({ status }: Pod): string {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, state } of containers)
    if (state?.waiting?.reason !== undefined && state.waiting.reason !== "PodInitializing")
      return `${name}: ${state.waiting.reason}`;
  const failed = status?.conditions?.find((one) => one.status === "False" && (one.message ?? "") !== "");
  if (status?.phase !== "Running") return `${status?.phase ?? "Pending"}${failed ? `: ${failed.message}` : ""}`;
  return failed?.message ?? `${containers.find((one) => !one.ready)?.name ?? "it"} is not ready`;
}

/** Whether it has a proxy of the mesh, as a sidecar or as a gateway. */
export function hasProxy({ spec }: Pod): boolean {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(({ name }) => name === proxyContainer);
}
