import type { GraphNode } from "../../../src/api/contract/graph.ts";
import type { Palette } from "./palette.ts";

/** A sign on a plate: what configuration does to a node, or what it is. Outlines of Tabler Icons 3 (MIT, github.com/tabler/tabler-icons). */
export const badges = {
  virtualService: {
    words: "VirtualService",
    outline:
      "M5 18a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M5 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M15 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M7 8v8M9 18h6a2 2 0 0 0 2 -2v-8",
  },
  circuitBreaker: { words: "circuit breaker", outline: "M13 3v7h6l-8 11v-7h-6l8 -11" },
  faultInjection: { words: "fault injection", outline: "M3 12a9 9 0 1 0 18 0a9 9 0 1 0 -18 0M5.7 5.7l12.6 12.6" },
  mirroring: {
    words: "mirroring",
    outline:
      "M7 9.7a2.7 2.7 0 0 1 2.7 -2.7h8.6a2.7 2.7 0 0 1 2.7 2.7v8.6a2.7 2.7 0 0 1 -2.7 2.7h-8.6a2.7 2.7 0 0 1 -2.7 -2.7zM4 16.7a2 2 0 0 1 -1 -1.7v-10c0 -1.1 .9 -2 2 -2h10c.75 0 1.16 .38 1.5 1",
  },
  requestTimeout: { words: "request timeout", outline: "M3 12a9 9 0 1 0 18 0a9 9 0 0 0 -18 0M12 7v5l3 3" },
  trafficShifting: {
    words: "traffic shifting",
    outline: "M21 17h-8l-3.5 -5h-6.5M21 7h-8l-3.5 5M18 10l3 -3l-3 -3M18 20l3 -3l-3 -3",
  },
  tcpTrafficShifting: {
    words: "TCP traffic shifting",
    outline: "M21 17h-8l-3.5 -5h-6.5M21 7h-8l-3.5 5M18 10l3 -3l-3 -3M18 20l3 -3l-3 -3",
  },
  requestRouting: {
    words: "request routing",
    outline:
      "M3 19a2 2 0 1 0 4 0a2 2 0 0 0 -4 0M19 7a2 2 0 1 0 0 -4a2 2 0 0 0 0 4M11 19h5.5a3.5 3.5 0 0 0 0 -7h-8a3.5 3.5 0 0 1 0 -7h4.5",
  },
  workloadEntry: {
    words: "WorkloadEntry",
    outline: "M3 5a1 1 0 0 1 1 -1h16a1 1 0 0 1 1 1v10a1 1 0 0 1 -1 1h-16a1 1 0 0 1 -1 -1zM7 20h10M9 16v4M15 16v4",
  },
  serviceEntry: {
    words: "ServiceEntry",
    outline:
      "M3 12a9 9 0 1 0 18 0a9 9 0 0 0 -18 0M3.6 9h16.8M3.6 15h16.8M11.5 3a17 17 0 0 0 0 18M12.5 3a17 17 0 0 1 0 18",
  },
  gateway: {
    words: "gateway",
    outline: "M13 12v.01M3 21h18M5 21v-16a2 2 0 0 1 2 -2h6m4 10.5v7.5M21 7h-7m3 -3l-3 3l3 3",
  },
} as const;

export type Badge = keyof typeof badges;

const order = Object.keys(badges) as readonly Badge[];

/** Badges of a node. That a VirtualService routes says no more than that there is one, so the plainer signs give way to the more exact. */
export function badgesOf(node: Pick<GraphNode, "traits" | "type">): readonly Badge[] {
  const all = new Set<Badge>(node.traits ?? []);
  if (all.has("virtualService") || all.has("trafficShifting") || all.has("tcpTrafficShifting"))
    all.delete("requestRouting");
  if (node.type === "gateway") all.add("gateway");
  return order.filter((b) => all.has(b));
}

const size = 16;
const most = 6;
const paths = new Map<Badge, Path2D>();

/** Draws badges over the upper edge of a plate, from its right. */
export function drawBadges(
  context: CanvasRenderingContext2D,
  all: readonly Badge[],
  corner: { readonly right: number; readonly top: number },
  palette: Palette,
): void {
  const shown = all.slice(0, most);
  for (const [i, badge] of shown.entries()) {
    const x = corner.right - 10 - (shown.length - i) * (size + 2);
    context.beginPath();
    context.roundRect(x, corner.top - size / 2, size, size, 4);
    context.fillStyle = palette.surface;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = palette.line;
    context.stroke();
    context.save();
    context.translate(x + 2.5, corner.top - size / 2 + 2.5);
    context.scale(11 / 24, 11 / 24);
    context.lineWidth = 2.2;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.strokeStyle = palette.text;
    context.stroke(pathOf(badge));
    context.restore();
  }
}

function pathOf(badge: Badge): Path2D {
  const known = paths.get(badge) ?? new Path2D(badges[badge].outline);
  paths.set(badge, known);
  return known;
}
