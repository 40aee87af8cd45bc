import type { Ref, Resource } from "../../model/resource.ts";

/** Files' objects in the place of live ones, as old as those; new ones are the youngest. */
export function laidOver(live: readonly Resource[], written: readonly Resource[]): readonly Resource[] {
  if (live.length === 0) return written;
  const there = new Map(live.map((resource) => [keyOf(resource), resource.createdAt]));
  const youngest = [...there.values()].reduce((a, b) => Math.max(a, b)) + 1;
  const isWritten = new Set(written.map(keyOf));
  return [
    ...live.filter((resource) => !isWritten.has(keyOf(resource))),
    ...written.map((resource) => ({ ...resource, createdAt: there.get(keyOf(resource)) ?? youngest })),
  ];
}

/** `VirtualService.networking.istio.io/shop/web`: unique in a mesh. */
export function keyOf(ref: Ref): string {
  return `${ref.type}/${ref.namespace}/${ref.name}`;
}

/** Of an API server: it has no place in a text. */
export function isLive({ origin }: Resource): boolean {
  return origin.line === 0;
}
