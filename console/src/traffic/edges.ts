import type { GraphEdge } from "../../../src/api/contract/graph.ts";
import type { Curve, Point } from "./geometry.ts";
import type { Palette } from "./palette.ts";
import { flows, stateOf, widthOf } from "./strength.ts";

/** One edge as it is drawn. */
export interface EdgeLook {
  readonly edge: GraphEdge;
  readonly curve: Curve;
  /** 0 to 1 while it comes. */
  readonly alpha: number;
  /** Pointed at, chosen or looked for: in the accent, above the others. */
  readonly lit: boolean;
  /** From one folded namespace to another: there are many, and what they are is seen when one is pointed at. */
  readonly faint: boolean;
}

/** What edges of one look have in common: they are drawn in one go, since a thousand strokes cost far more than one of a thousand curves. */
interface Pen {
  readonly colour: string;
  readonly width: number;
  readonly alpha: number;
  readonly dashed: boolean;
  readonly curves: Curve[];
}

/** Seen from afar a line as thin as it is near would be none. */
const widthFromAfar = 7;
/** Widths are drawn in steps of a quarter of a pixel. */
const widthStep = 4;

/**
 * Draws edges in the graph's own coordinates: width by rate, colour by share of errors, dashes for TCP, an arrow at the end.
 * @param afar whole namespaces are looked at: thick lines without arrows.
 */
export function drawEdges(
  context: CanvasRenderingContext2D,
  looks: readonly EdgeLook[],
  palette: Palette,
  afar: boolean,
): void {
  for (const pen of pensOf(looks, palette, afar)) {
    context.globalAlpha = pen.alpha;
    context.strokeStyle = pen.colour;
    context.lineWidth = pen.width;
    context.setLineDash(pen.dashed ? [7, 4] : []);
    context.beginPath();
    for (const { start, first, middle, second, end } of pen.curves) {
      context.moveTo(start.x, start.y);
      context.quadraticCurveTo(first.x, first.y, middle.x, middle.y);
      const stop = afar ? end : { x: end.x - arrowOf(pen.width).length * 0.7, y: end.y };
      context.quadraticCurveTo(second.x, second.y, stop.x, stop.y);
    }
    context.stroke();
    if (!afar) drawArrows(context, pen);
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function pensOf(looks: readonly EdgeLook[], palette: Palette, afar: boolean): Iterable<Pen> {
  const pens = new Map<string, Pen>();
  for (const look of looks.toSorted((a, b) => Number(a.lit) - Number(b.lit))) {
    const { edge, lit } = look;
    const colour = lit ? palette.accent : colourOf(edge, palette);
    const width = afar ? widthFromAfar : Math.round(widthOf(edge) * widthStep) / widthStep;
    const alpha = look.alpha * (lit ? 1 : look.faint ? 0.3 : flows(edge) ? 0.85 : 0.4);
    const dashed = edge.protocol === "tcp";
    const key = `${lit} ${colour} ${width} ${alpha} ${dashed}`;
    const pen = pens.get(key) ?? { colour, width, alpha, dashed, curves: [] };
    pens.set(key, pen);
    pen.curves.push(look.curve);
  }
  return pens.values();
}

function colourOf(edge: GraphEdge, palette: Palette): string {
  const state = stateOf(edge);
  return state === "healthy" || state === "unknown" ? palette.edge : palette.health[state];
}

function arrowOf(width: number): { readonly length: number; readonly half: number } {
  return { length: 6 + width, half: 2.6 + width * 0.6 };
}

/** Edges arrive level, so arrows point to the right. */
function drawArrows(context: CanvasRenderingContext2D, pen: Pen): void {
  const { length, half } = arrowOf(pen.width);
  context.fillStyle = pen.colour;
  context.beginPath();
  for (const { end } of pen.curves) triangle(context, end, length, half);
  context.fill();
}

function triangle(context: CanvasRenderingContext2D, tip: Point, length: number, half: number): void {
  context.moveTo(tip.x, tip.y);
  context.lineTo(tip.x - length, tip.y - half);
  context.lineTo(tip.x - length, tip.y + half);
  context.closePath();
}
