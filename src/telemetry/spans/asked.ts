import { type Span, SpansAway } from "../../model/span.ts";
import type { ToldSpan } from "./zipkin.ts";

/** How a store of somebody else's is asked. */
export interface Asking {
  /** `http://zipkin:9411`, without a slash at its end. */
  readonly url: string;
  /** The answer's JSON; undefined for a 404. Rejects where nobody answers in time, or not with JSON. */
  readonly get: (url: string) => Promise<unknown>;
  /** Whose proxy a node id is: the workload of its Pod, where the mesh knows that. */
  readonly ownerOf: (node: string) => Pick<Span, "namespace" | "workload" | "pod"> | undefined;
}

/** A span with its owner: by its proxy's node; else as the reporter calls itself, `reviews.default` or by Istio's tags. */
export function ownedBy({ reporter, node, ...span }: ToldSpan, { ownerOf }: Pick<Asking, "ownerOf">): Span {
  const owner = node === undefined ? undefined : ownerOf(node);
  if (owner !== undefined) return { ...span, ...owner };
  const dot = reporter.lastIndexOf(".");
  const [app, namespace] = dot > 0 ? [reporter.slice(0, dot), reporter.slice(dot + 1)] : [reporter, ""];
  return { ...span, namespace: span.tags["istio.namespace"] ?? namespace, workload: app };
}

/** Asks, and says who did not answer. */
export async function asked({ url, get }: Asking, path: string): Promise<unknown> {
  try {
    return await get(`${url}${path}`);
  } catch (error) {
    throw new SpansAway(`traces are at ${url}, which does not answer (${(error as Error).message})`);
  }
}
