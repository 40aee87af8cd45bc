/** Backends that one route may have together. */
export interface Part<B> {
  readonly backends: readonly B[];
  /** Of a million requests, how many have gone to this part and those before it; absent: all. */
  readonly upTo?: number;
}

const million = 1_000_000;

/**
 * The parts of a rule's traffic. Backends that are alike in all but their address share one route; else each has a route of its own, the first
 * for its share of the requests, the next up to the sum of both, and so on: a proxy draws one number for all of them.
 */
export function shares<B extends { readonly weight: number }>(
  backends: readonly B[],
  isAlike: (backend: B) => boolean,
): readonly Part<B>[] {
  if (backends.length < 2 || backends.every(isAlike)) return [{ backends }];
  const total = backends.reduce((sum, b) => sum + b.weight, 0);
  let sum = 0;
  return backends.map((backend, i) => {
    sum += backend.weight;
    if (i === backends.length - 1) return { backends: [backend] };
    return { backends: [backend], upTo: Math.round((sum / total) * million) };
  });
}
