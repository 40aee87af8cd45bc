import type { HTTPRoute } from "../../gen/istio/virtual-service.ts";
import { type DestinationRef, destinationRef } from "./destination.ts";

/** A copy of the traffic, whose answers are thrown away. */
export interface Mirror extends DestinationRef {
  readonly cluster: string;
  readonly percent: number;
  /** Outside of the mesh. */
  readonly external?: boolean;
}

type Mirrored = Pick<HTTPRoute, "mirror" | "mirrors" | "mirrorPercentage" | "mirrorPercent" | "mirror_percent">;

/** Mirrors of a route; no percentage is all, 0 is none. */
export function mirrors(said: Mirrored, clusterOf: (destination: DestinationRef) => string): readonly Mirror[] {
  const first =
    said.mirrorPercentage === undefined
      ? (said.mirrorPercent ?? said.mirror_percent ?? 100)
      : (said.mirrorPercentage.value ?? 0);
  const all = [
    ...(said.mirror ? [{ destination: said.mirror, percent: first }] : []),
    ...(said.mirrors ?? []).map(({ destination, percentage }) => ({
      destination,
      percent: percentage === undefined ? 100 : (percentage.value ?? 0),
    })),
  ];
  return all
    .filter(({ percent }) => percent > 0)
    .map(({ destination, percent }) => {
      const ref = destinationRef(destination);
      return { ...ref, cluster: clusterOf(ref), percent };
    });
}
