import type { GraphEdge } from "../../../src/api/contract/graph.ts";
import { type Curve, pointOn } from "./geometry.ts";
import type { Palette } from "./palette.ts";
import { dotsOf, travelOf } from "./strength.ts";

export interface DotRun {
  readonly edge: GraphEdge;
  readonly curve: Curve;
  readonly dim: boolean;
}

export interface Sight {
  readonly zoom: number;
  readonly pan: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly height: number;
}

/** From this many edges on, each shows fewer dots. */
const crowd = 250;

/**
 * Draws the requests under way at one moment. Their number follows the rate and their speed the latency; a request that fails is a square in the
 * colour of failure, as often as requests do fail. TCP moves as short dashes.
 * @param seconds any clock that runs evenly.
 */
export function drawDots(
  context: CanvasRenderingContext2D,
  runs: readonly DotRun[],
  palette: Palette,
  sight: Sight,
  seconds: number,
): void {
  const most = runs.length > crowd ? 4 : 12;
  const size = Math.min(2.6, Math.max(1.3, 2.2 * sight.zoom));
  for (const run of runs) {
    if (run.dim || !inSight(run.curve, sight)) continue;
    const many = Math.min(
      most,
      dotsOf(run.edge, Math.hypot(run.curve.end.x - run.curve.start.x, run.curve.end.y - run.curve.start.y)),
    );
    const lap = seconds / travelOf(run.edge);
    for (let i = 0; i < many; i++) {
      const way = lap + (i + 0.5 * chance(i + many)) / many + offsetOf(run.edge.id);
      const t = way - Math.floor(way);
      const at = pointOn(run.curve, t);
      const x = at.x * sight.zoom + sight.pan.x;
      const y = at.y * sight.zoom + sight.pan.y;
      const failed = run.edge.errorShare > 0 && chance(Math.floor(way) * 31 + i) < run.edge.errorShare;
      context.fillStyle = failed ? palette.health.failing : palette.text;
      if (failed) context.fillRect(x - size, y - size, size * 2, size * 2);
      else if (run.edge.protocol === "tcp") dash(context, run.curve, t, sight, palette, size);
      else {
        context.beginPath();
        context.arc(x, y, size, 0, Math.PI * 2);
        context.fill();
      }
    }
  }
}

function dash(
  context: CanvasRenderingContext2D,
  curve: Curve,
  t: number,
  sight: Sight,
  palette: Palette,
  size: number,
): void {
  const from = pointOn(curve, Math.max(0, t - 0.025));
  const to = pointOn(curve, Math.min(1, t + 0.025));
  context.strokeStyle = palette.text;
  context.lineWidth = size * 1.4;
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(from.x * sight.zoom + sight.pan.x, from.y * sight.zoom + sight.pan.y);
  context.lineTo(to.x * sight.zoom + sight.pan.x, to.y * sight.zoom + sight.pan.y);
  context.stroke();
}

function inSight(curve: Curve, sight: Sight): boolean {
  const left = Math.min(curve.start.x, curve.end.x) * sight.zoom + sight.pan.x;
  const right = Math.max(curve.start.x, curve.end.x) * sight.zoom + sight.pan.x;
  const top = Math.min(curve.start.y, curve.end.y) * sight.zoom + sight.pan.y;
  const bottom = Math.max(curve.start.y, curve.end.y) * sight.zoom + sight.pan.y;
  return right > 0 && left < sight.width && bottom > -40 && top < sight.height + 40;
}

/** Edges do not march in step. */
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
