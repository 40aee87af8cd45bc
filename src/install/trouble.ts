import type { Ask } from "./apply.ts";

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly exitCode: number };
  };
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What keeps Pods from running, and how to mend it. */
export interface Trouble {
  readonly text: string;
  readonly fix?: string;
  /** A container's last lines. */
  readonly lastWords?: string;
}

/** Looks for what keeps the Pods of a selector from being ready; undefined where nothing is known. Throws KubernetesError. */
export async function troubleOf(ask: Ask, namespace: string, selector: string): Promise<Trouble | undefined> {
  const pods = await ask<{ readonly items: readonly Pod[] }>(`/api/v1/namespaces/${namespace}/pods`, {
    query: { labelSelector: selector },
  });
  for (const pod of pods.items) {
    const trouble = unscheduled(pod) ?? (await brokenContainer(ask, namespace, pod));
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

function unscheduled({ metadata, status }: Pod): Trouble | undefined {
  const condition = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (condition?.status !== "False") return undefined;
  return {
    text: `Pod ${metadata.name} finds no node: ${condition.message ?? condition.reason ?? "no reason given"}`,
    fix: "add nodes, or lower the resources requested (controlPlane.resources, gateways[].resources)",
  };
}

async function brokenContainer(ask: Ask, namespace: string, pod: Pod): Promise<Trouble | undefined> {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const { name } = pod.metadata;
  for (const status of all) {
    const waiting = status.state?.waiting;
    if (
      waiting?.reason === "ErrImagePull" ||
      waiting?.reason === "ImagePullBackOff" ||
      waiting?.reason === "InvalidImageName"
    )
      return {
        text: `Pod ${name}: the image of container ${status.name} cannot be fetched: ${waiting.message ?? waiting.reason}`,
        fix: "is it in the registry that image.hub and image.tag name, and may the nodes read it (imagePullSecrets)?",
      };
    if (waiting?.reason === "CreateContainerConfigError" || waiting?.reason === "CreateContainerError")
      return { text: `Pod ${name}: container ${status.name} cannot be made: ${waiting.message ?? waiting.reason}` };
    if (waiting?.reason === "CrashLoopBackOff" || (status.state?.terminated?.exitCode ?? 0) !== 0) {
      const lastWords = await logOf(ask, namespace, name, status);
      return {
        text: `Pod ${name}: container ${status.name} ended ${status.restartCount + 1} times`,
        fix: `its log says more: kubectl logs -n ${namespace} ${name} -c ${status.name} --previous`,
        ...(lastWords === "" ? {} : { lastWords }),
      };
    }
  }
  return undefined;
}

async function logOf(ask: Ask, namespace: string, pod: string, { name, state }: ContainerStatus): Promise<string> {
  const query = { container: name, tailLines: 5, previous: state?.waiting !== undefined };
  try {
    return String(await ask<string>(`/api/v1/namespaces/${namespace}/pods/${pod}/log`, { query })).trimEnd();
  } catch {
    // The log may be gone with its container; the rest is still worth saying.
    return "";
  }
}
