import type { KubeCluster } from "./cluster.ts";

/** Objects of one page; an API server of 10,000 Pods is asked in parts. */
const pageSize = 500;

/** A Kubernetes object as its API server has it. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly [field: string]: unknown;
}

interface Page<T> {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly T[];
}

/** All objects of a list, read in pages. Rejects with a CliError. */
export async function listAll<T = KubeObject>(
  cluster: Pick<KubeCluster, "ask">,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let next: string | undefined = ""; next !== undefined; ) {
    const page: Page<T> = await cluster.ask<Page<T>>(path, {
      query: { ...query, limit: pageSize, ...(next === "" ? {} : { continue: next }) },
    });
    found.push(...page.items);
    next = page.metadata?.continue === "" ? undefined : page.metadata?.continue;
  }
  return found;
}
