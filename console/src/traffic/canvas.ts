import type { Core } from "cytoscape";
import { type Box, type Curve, overlap, type Point, plate } from "./geometry.ts";

/** @throws where the browser has no 2D canvas. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  return context;
}

/** Empties the canvas, made to fit first, in pixels of the screen. */
export function clear(context: CanvasRenderingContext2D, width: number, height: number): void {
  const ratio = window.devicePixelRatio || 1;
  const { canvas } = context;
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
}

/** From pixels of the page to the graph's own coordinates. */
export function enterGraph(context: CanvasRenderingContext2D, cy: Core): void {
  const pan = cy.pan();
  context.translate(pan.x, pan.y);
  context.scale(cy.zoom(), cy.zoom());
}

/** What lies around a plate and is drawn with it: badges, ranks, rings, in the graph's own coordinates. */
const rim = 16;

/** What of the graph is in sight, in its own coordinates. */
export function sightOf(cy: Core): Box {
  const { x1, y1, w, h } = cy.extent();
  return { x: x1, y: y1, width: w, height: h };
}

export function plateInSight(at: Point, sight: Box): boolean {
  const width = plate.width + 2 * rim;
  const height = plate.height + 2 * rim;
  return overlap({ x: at.x - width / 2, y: at.y - height / 2, width, height }, sight);
}

/** Both ends and what pulls at them: the curve runs inside of these. */
export function curveInSight({ start, first, second, end }: Curve, sight: Box): boolean {
  const left = Math.min(start.x, second.x, end.x);
  const right = Math.max(start.x, first.x, end.x);
  const top = Math.min(start.y, end.y);
  const bottom = Math.max(start.y, end.y);
  const x = left - rim;
  const y = top - rim;
  return overlap({ x, y, width: right - left + 2 * rim, height: bottom - top + 2 * rim }, sight);
}
