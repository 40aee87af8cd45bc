/** Where things lie on the graph, in its own coordinates. All pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Size of a plate; what is outside the mesh gets a small one. */
export const plate = { width: 164, height: 48, small: 84 } as const;

/** How wide the plate of a node is. */
export function plateWidth(node: { readonly type: string }): number {
  return node.type === "unknown" ? plate.small : plate.width;
}

/** The plate that an edge begins or ends at. */
export interface Ending extends Point {
  readonly width: number;
}

/** An edge as two quadratic curves that meet in the middle, as cytoscape draws an unbundled bezier of two control points. */
export interface Curve {
  readonly start: Point;
  readonly first: Point;
  readonly middle: Point;
  readonly second: Point;
  readonly end: Point;
}

/**
 * From the right side of one plate to the left side of another, leaving and arriving level.
 * @param lane vertical offset at both ends, for edges between the same plates.
 */
export function curveBetween(source: Ending, target: Ending, lane: number): Curve {
  const start = { x: source.x + source.width / 2, y: source.y + lane };
  const end = { x: target.x - target.width / 2, y: target.y + lane };
  const reach = end.x - start.x;
  const pull = reach > 0 ? Math.max(24, reach * 0.42) : 60 + Math.min(240, -reach * 0.2);
  const first = { x: start.x + pull, y: start.y };
  const second = { x: end.x - pull, y: end.y };
  return { start, first, middle: { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 }, second, end };
}

/** Whether both run the same way. */
export function sameCurve(a: Curve, b: Curve): boolean {
  return a.start.x === b.start.x && a.start.y === b.start.y && a.end.x === b.end.x && a.end.y === b.end.y;
}

/** A point of the curve; `t` runs from 0 to 1. */
export function pointOn(curve: Curve, t: number): Point {
  return t < 0.5
    ? quadratic(curve.start, curve.first, curve.middle, t * 2)
    : quadratic(curve.middle, curve.second, curve.end, t * 2 - 1);
}

function quadratic(a: Point, b: Point, c: Point, t: number): Point {
  const s = 1 - t;
  return { x: s * s * a.x + 2 * s * t * b.x + t * t * c.x, y: s * s * a.y + 2 * s * t * b.y + t * t * c.y };
}

/** A control point as cytoscape wants it: how far along the straight line (0 to 1), and how far beside it (left of it is positive). */
export function alongAndBeside(
  start: Point,
  end: Point,
  control: Point,
): { readonly along: number; readonly beside: number } {
  const line = { x: end.x - start.x, y: end.y - start.y };
  const length = Math.hypot(line.x, line.y) || 1;
  const to = { x: control.x - start.x, y: control.y - start.y };
  return {
    along: (to.x * line.x + to.y * line.y) / (length * length),
    beside: (line.x * to.y - line.y * to.x) / length,
  };
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whether two boxes share any area. */
export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The smallest box around plates at these places, `margin` wider on each side; absent without places. */
export function around(places: readonly Point[], margin: number): Box | undefined {
  if (places.length === 0) return undefined;
  const left = Math.min(...places.map((p) => p.x)) - plate.width / 2 - margin;
  const top = Math.min(...places.map((p) => p.y)) - plate.height / 2 - margin;
  const right = Math.max(...places.map((p) => p.x)) + plate.width / 2 + margin;
  const bottom = Math.max(...places.map((p) => p.y)) + plate.height / 2 + margin;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
