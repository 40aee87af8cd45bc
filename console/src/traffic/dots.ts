import type { GraphEdge } from "../../../src/api/contract/graph.ts";
import { type Curve, pointOn } from "./geometry.ts";
import type { Palette } from "./palette.ts";
import { dotsOf, travelOf } from "./strength.ts";

/** An edge whose requests are shown on their way. */
export interface DotRun {
  readonly edge: GraphEdge;
  readonly curve: Curve;
  /** How many are on their way at once. */
  readonly many: number;
  /** Where the first of them is when the clock begins: edges do not march in step. */
  readonly offset: number;
}

export interface Sight {
  readonly zoom: number;
  readonly pan: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly height: number;
}

/** From this many edges on, each shows fewer dots. */
const crowd = 250;

/** Edges on which something moves. */
export function runsOf(edges: readonly GraphEdge[], curves: ReadonlyMap<string, Curve>): readonly DotRun[] {
  const most = edges.length > crowd ? 4 : 12;
  return edges.flatMap((edge): DotRun[] => {
    const curve = curves.get(edge.id);
    if (!curve) return [];
    const many = Math.min(most, dotsOf(edge, Math.hypot(curve.end.x - curve.start.x, curve.end.y - curve.start.y)));
    return many > 0 ? [{ edge, curve, many, offset: offsetOf(edge.id) }] : [];
  });
}

/**
 * Draws the requests under way at one moment. Their number follows the rate and their speed the latency; a request that fails is a square in the
 * colour of failure, as often as requests do fail. TCP moves as short dashes. All of one shape are drawn in one go.
 * @param seconds any clock that runs evenly.
 */
export function drawDots(
  context: CanvasRenderingContext2D,
  runs: readonly DotRun[],
  palette: Palette,
  sight: Sight,
  seconds: number,
): void {
  const size = Math.min(2.6, Math.max(1.3, 2.2 * sight.zoom));
  const [went, failed, dashes] = [new Path2D(), new Path2D(), new Path2D()];
  for (const { edge, curve, many, offset } of runs) {
    if (!inSight(curve, sight)) continue;
    const lap = seconds / travelOf(edge);
    for (let i = 0; i < many; i++) {
      const way = lap + (i + 0.5 * chance(i + many)) / many + offset;
      const t = way - Math.floor(way);
      const { x, y } = onScreen(curve, t, sight);
      if (edge.errorShare > 0 && chance(Math.floor(way) * 31 + i) < edge.errorShare)
        failed.rect(x - size, y - size, size * 2, size * 2);
      else if (edge.protocol === "tcp") {
        const [from, to] = [
          onScreen(curve, Math.max(0, t - 0.025), sight),
          onScreen(curve, Math.min(1, t + 0.025), sight),
        ];
        dashes.moveTo(from.x, from.y);
        dashes.lineTo(to.x, to.y);
      } else {
        went.moveTo(x + size, y);
        went.arc(x, y, size, 0, Math.PI * 2);
      }
    }
  }
  context.fillStyle = palette.text;
  context.fill(went);
  context.strokeStyle = palette.text;
  context.lineWidth = size * 1.4;
  context.lineCap = "round";
  context.stroke(dashes);
  context.fillStyle = palette.health.failing;
  context.fill(failed);
}

function onScreen(curve: Curve, t: number, { zoom, pan }: Sight): { readonly x: number; readonly y: number } {
  const at = pointOn(curve, t);
  return { x: at.x * zoom + pan.x, y: at.y * zoom + pan.y };
}

function inSight(curve: Curve, sight: Sight): boolean {
  const left = Math.min(curve.start.x, curve.end.x) * sight.zoom + sight.pan.x;
  const right = Math.max(curve.start.x, curve.end.x) * sight.zoom + sight.pan.x;
  const top = Math.min(curve.start.y, curve.end.y) * sight.zoom + sight.pan.y;
  const bottom = Math.max(curve.start.y, curve.end.y) * sight.zoom + sight.pan.y;
  return right > 0 && left < sight.width && bottom > -40 && top < sight.height + 40;
}

function offsetOf(id: string): number {
  let hash = 0;
  for (let i = 0; i < id.length; i += 3) hash = (hash * 33 + id.charCodeAt(i)) % 997;
  return hash / 997;
}

/** The same number of 0 to 1 for the same dot on the same lap, so that a dot does not change its mind on its way. */
function chance(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}
