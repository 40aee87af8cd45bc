import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "./cluster.ts";
import { type Pod, proxyContainer } from "./pod.ts";

export interface PodLogOptions {
  /** `application`, `proxy`, or a container's name. */
  readonly container: string;
  readonly follow?: boolean;
  /** Lines. */
  readonly tail?: number;
  readonly sinceSeconds?: number;
  readonly previous?: boolean;
  readonly limitBytes?: number;
}

/** What a container of a Pod wrote, as it comes. Rejects with a CliError. */
export function podLog(cluster: KubeCluster, pod: Pod, options: PodLogOptions): AsyncIterable<string> {
  const { name, namespace = "default" } = pod.metadata;
  const query = {
    container: containerOf(pod, options.container),
    follow: options.follow,
    tailLines: options.tail,
    sinceSeconds: options.sinceSeconds,
    previous: options.previous,
    limitBytes: options.limitBytes,
  };
  return cluster.text(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`, {
    query,
  });
}

/** The container's name. Throws where there is none such. */
export function containerOf({ metadata, spec }: Pod, said: string): string {
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ name }) => name);
  const wanted = said === "proxy" ? proxyContainer : said;
  const found =
    said === "application" && !all.includes(said)
      ? (defaultContainer(metadata.annotations, all) ?? all.find((name) => name !== proxyContainer) ?? all[0])
      : all.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new CliError(
    exitCodes.notFound,
    said === "proxy"
      ? `Pod ${metadata.namespace}/${metadata.name} has no proxy`
      : `Pod ${metadata.namespace}/${metadata.name} has no container ${said}`,
    said === "proxy"
      ? `weft check-inject ${metadata.name} -n ${metadata.namespace} says why`
      : `it has: ${all.join(", ")}`,
  );
}

/** As kubectl reads it. */
function defaultContainer(annotations: Pod["metadata"]["annotations"], all: readonly string[]): string | undefined {
  const said = annotations?.["kubectl.kubernetes.io/default-container"];
  return said !== undefined && said !== proxyContainer && all.includes(said) ? said : undefined;
}
