import { KubernetesError } from "../../kubernetes/error.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "./cluster.ts";
import { askThrough } from "./through.ts";

/** Envoy's admin interface, on its Pod's loopback. */
export const adminPort = 15_000;

export interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

/** The body of an answer of a proxy's admin interface. Rejects with a CliError. */
export async function askEnvoy(
  cluster: KubeCluster,
  at: PodName,
  path: string,
  options: { readonly method?: "GET" | "POST"; readonly timeoutMs?: number } = {},
): Promise<string> {
  const stream = await cluster.connect({ ...at, port: adminPort });
  try {
    const { status, body } = await askThrough(stream, path, options);
    if (status === 200) return body;
    throw new CliError(
      exitCodes.unexpected,
      `${at.namespace}/${at.pod}: Envoy answers ${status} to ${path}: ${body.slice(0, 200)}`,
    );
  } catch (error) {
    if (error instanceof CliError) throw error;
    const why =
      error instanceof KubernetesError ? error.message : `${at.namespace}/${at.pod}: ${(error as Error).message}`;
    throw new CliError(
      exitCodes.unreachable,
      `the proxy's admin interface does not answer: ${why}`,
      `weft check-inject ${at.pod} -n ${at.namespace} says whether it has a proxy`,
    );
  }
}
