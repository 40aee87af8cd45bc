import type { KubernetesClient, RequestInit } from "./client.ts";
import { KubernetesError } from "./error.ts";
import type { KubernetesObject } from "./object.ts";

/** A part of a list. All parts are of one version. */
export interface Page {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

export interface ListOptions {
  readonly query?: RequestInit["query"];
  readonly pageSize: number;
  readonly signal?: AbortSignal;
  readonly accept?: string;
}

interface ListAnswer {
  readonly items?: readonly KubernetesObject[] | null;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/** A slow API server answers late; one that is away is known by its connection. */
const answerMs = 60_000;

/**
 * A collection, page by page, as it was at one moment. Throws KubernetesError; 410 where the moment was so long ago that the rest cannot be told:
 * then begin anew. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export async function* pages(client: KubernetesClient, path: string, options: ListOptions): AsyncGenerator<Page> {
  const { query, pageSize, signal, accept } = options;
  let token: string | undefined;
  do {
    const answer: ListAnswer = await client.ask(path, {
      query: { ...query, limit: pageSize, continue: token },
      timeoutMs: answerMs,
      ...(signal === undefined ? {} : { signal }),
      ...(accept === undefined ? {} : { accept }),
    });
    const resourceVersion = answer?.metadata?.resourceVersion;
    // What stands before an API server may answer in its place: that is no empty collection.
    if (typeof resourceVersion !== "string" || resourceVersion === "")
      throw new KubernetesError(
        0,
        "Unreachable",
        `the answer for ${path} is no list of the API server at ${client.server}`,
      );
    yield { items: answer.items ?? [], resourceVersion };
    token = answer.metadata?.continue;
  } while (token !== undefined && token !== "");
}
