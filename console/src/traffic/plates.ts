import type { GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import { count, rate } from "../format/quantity.ts";
import { type Badge, drawBadges } from "./badges.ts";
import type { Box, Point } from "./geometry.ts";
import { plate, plateWidth } from "./geometry.ts";
import type { Palette } from "./palette.ts";

/** One node as it is drawn. */
export interface PlateLook {
  readonly node: GraphNode;
  readonly at: Point;
  /** 0 to 1 while it comes or goes. */
  readonly alpha: number;
  readonly inbound: number;
  readonly selected: boolean;
  readonly hovered: boolean;
  readonly focused: boolean;
  readonly dim: boolean;
  readonly colour: string | undefined;
  readonly badges: readonly Badge[];
  readonly rank: number | undefined;
  /** Somebody looks for it. */
  readonly found: boolean;
  /** That no sidecar stands beside it is shown. */
  readonly sidecars: boolean;
}

export const fonts = {
  name: '500 13px "IBM Plex Sans", sans-serif',
  small: '400 11px "IBM Plex Sans", sans-serif',
  mono: '400 11px "IBM Plex Mono", monospace',
  monoStrong: '500 11px "IBM Plex Mono", monospace',
  space: '600 15px "IBM Plex Sans", sans-serif',
} as const;

/** Below this zoom only shapes are drawn: words would be too small to read. */
export const wordsFrom = 0.4;

/** `reviews` for reviews-v2 of the app reviews; the whole name where app and version do not make it up. */
export function titleOf(node: GraphNode): string {
  if (node.type === "unknown") return "outside";
  return node.version && node.name === `${node.app}-${node.version}` ? node.app : node.name;
}

/** What a node is called where there is room and no picture beside it. */
export function nameOf(node: GraphNode): string {
  return node.type === "unknown" ? "outside" : node.name;
}

/** The second line: version, or what kind of thing it is; and whether no sidecar stands beside it. */
export function subtitleOf(node: GraphNode): string {
  const runs = node.type === "workload" || node.type === "app";
  const many = node.type === "app" && !node.version && (node.workloads?.length ?? 0) > 1;
  const kind = runs ? node.version || (many ? count(node.workloads?.length ?? 0, "workload") : "") : kindWords(node);
  const sidecar = runs && !node.inMesh ? "no sidecar" : "";
  return [kind, sidecar].filter(Boolean).join(" · ");
}

function kindWords(node: GraphNode): string {
  if (node.type === "namespace") return count(node.members ?? 0, "node");
  if (node.type === "external" && node.members) return `${node.members} hosts`;
  if (node.type === "external") return node.reach === "blocked" ? "external, blocked" : "external";
  return node.type === "unknown" ? "" : node.type;
}

/** Draws a plate; the context is in the graph's own coordinates. */
export function drawPlate(context: CanvasRenderingContext2D, look: PlateLook, palette: Palette, zoom: number): void {
  const { node, at } = look;
  const width = plateWidth(node);
  const left = at.x - width / 2;
  const top = at.y - plate.height / 2;
  context.globalAlpha = look.alpha * (look.dim ? 0.35 : 1);
  if (node.type === "namespace") drawPile(context, { left, top, width }, palette);
  context.beginPath();
  context.roundRect(left, top, width, plate.height, node.type === "service" ? 16 : 6);
  context.fillStyle = palette.surface;
  context.fill();
  context.lineWidth = look.selected ? 2 : 1;
  context.strokeStyle = look.selected || look.focused ? palette.accent : look.hovered ? palette.quiet : palette.line;
  context.setLineDash(node.inMesh || !look.sidecars ? [] : [4, 3]);
  context.stroke();
  context.setLineDash([]);
  if ((look.focused || look.found) && !look.selected) ring(context, left, top, width, palette);
  if (look.colour) {
    context.fillStyle = look.colour;
    context.beginPath();
    context.roundRect(left + 1, top + 8, 3, plate.height - 16, [0, 2, 2, 0]);
    context.fill();
  }
  drawShape(context, node.health, { x: left + 16, y: at.y }, 5, palette);
  if (zoom >= wordsFrom) {
    words(context, look, palette, left);
    drawBadges(context, look.badges, { right: left + width, top }, palette);
    if (look.rank !== undefined) drawRank(context, look.rank, { left, top }, palette);
  }
  context.globalAlpha = 1;
}

/** A namespace's plate lies on others. */
function drawPile(
  context: CanvasRenderingContext2D,
  { left, top, width }: { readonly left: number; readonly top: number; readonly width: number },
  palette: Palette,
): void {
  context.fillStyle = palette.surface;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  for (const step of [6, 3]) {
    context.beginPath();
    context.roundRect(left + step, top - step, width, plate.height, 6);
    context.fill();
    context.stroke();
  }
}

function drawRank(
  context: CanvasRenderingContext2D,
  rank: number,
  { left, top }: { readonly left: number; readonly top: number },
  palette: Palette,
): void {
  context.font = fonts.monoStrong;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const width = context.measureText(String(rank)).width + 10;
  context.beginPath();
  context.roundRect(left + 6, top - 8, width, 16, 8);
  context.fillStyle = palette.text;
  context.fill();
  context.fillStyle = palette.surface;
  context.fillText(String(rank), left + 6 + width / 2, top + 0.5);
}

function ring(context: CanvasRenderingContext2D, left: number, top: number, width: number, palette: Palette): void {
  context.beginPath();
  context.roundRect(left - 3, top - 3, width + 6, plate.height + 6, 8);
  context.lineWidth = 2;
  context.strokeStyle = palette.accent;
  context.stroke();
}

function words(context: CanvasRenderingContext2D, look: PlateLook, palette: Palette, left: number): void {
  const { node, at } = look;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.font = fonts.name;
  context.fillStyle = palette.text;
  context.fillText(
    fitted(context, titleOf(node), plateWidth(node) - 34),
    left + 29,
    at.y - (subtitleOf(node) ? 4 : -4),
  );
  context.font = fonts.small;
  context.fillStyle = palette.quiet;
  context.fillText(fitted(context, subtitleOf(node), plateWidth(node) - 86), left + 29, at.y + 13);
  if (look.inbound > 0) {
    context.textAlign = "right";
    context.font = fonts.mono;
    context.fillText(rate(look.inbound), left + plate.width - 10, at.y + 13);
  }
}

const widths = new Map<string, string>();

/** As much of a text as there is room for: names are told apart by how they begin and by how they end. */
function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${context.font}|${room}|${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  let cut = text;
  for (let kept = text.length - 1; kept > 0 && context.measureText(cut).width > room; kept--)
    cut = `${text.slice(0, Math.ceil(kept * 0.6))}…${text.slice(text.length - Math.floor(kept * 0.4))}`;
  if (widths.size > 4000) widths.clear();
  widths.set(key, cut);
  return cut;
}

/** Room that a zoom changes a little at a time, so that not every frame measures all names anew. */
function inSteps(room: number): number {
  return Math.floor(room / 8) * 8;
}

/** A state as its shape: dot, triangle, square, ring. */
function drawShape(context: CanvasRenderingContext2D, health: Health, at: Point, size: number, palette: Palette): void {
  context.beginPath();
  context.fillStyle = palette.health[health];
  if (health === "degraded") {
    context.moveTo(at.x, at.y - size * 1.1);
    context.lineTo(at.x + size * 1.15, at.y + size * 0.9);
    context.lineTo(at.x - size * 1.15, at.y + size * 0.9);
    context.closePath();
  } else if (health === "failing") context.rect(at.x - size * 0.92, at.y - size * 0.92, size * 1.84, size * 1.84);
  else context.arc(at.x, at.y, size * (health === "unknown" ? 0.85 : 0.95), 0, Math.PI * 2);
  if (health !== "unknown") return void context.fill();
  context.lineWidth = size * 0.36;
  context.strokeStyle = palette.health.unknown;
  context.stroke();
}

/** A namespace seen from afar. */
export interface SpaceLook {
  readonly name: string;
  readonly box: Box;
  readonly health: Health;
  readonly text: string;
}

/** A namespace's plate with its sums; `zoom` keeps its words readable from any distance. */
export function drawSpace(context: CanvasRenderingContext2D, look: SpaceLook, palette: Palette, zoom: number): void {
  const { box } = look;
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, 8 / zoom);
  context.fillStyle = palette.surface;
  context.fill();
  context.lineWidth = 1 / zoom;
  context.strokeStyle = palette.line;
  context.stroke();
  context.save();
  context.translate(box.x + box.width / 2, box.y + box.height / 2);
  context.scale(1 / zoom, 1 / zoom);
  // What does not fit into the plate as it is on the screen would lie on its neighbours.
  const room = { width: inSteps(box.width * zoom - 12), height: box.height * zoom - 8 };
  const lines = look.text.split("\n").slice(0, Math.max(0, Math.floor((room.height - 20) / 15)));
  const top = 5 - lines.length * 7.5;
  context.textAlign = "center";
  context.font = room.width < 120 ? fonts.small : fonts.space;
  const name = fitted(context, look.name, room.width - 12);
  const half = context.measureText(name).width / 2;
  drawShape(context, look.health, { x: -half - 2, y: top - 5 }, 5, palette);
  context.fillStyle = palette.text;
  context.fillText(name, 8, top);
  context.font = fonts.small;
  context.fillStyle = palette.quiet;
  for (const [i, line] of lines.entries()) context.fillText(fitted(context, line, room.width), 0, top + 18 + i * 15);
  context.restore();
}

/** The frame of a namespace, seen from near. */
export function drawFrame(context: CanvasRenderingContext2D, look: SpaceLook, palette: Palette, zoom: number): void {
  const { box } = look;
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, 8 / zoom);
  context.lineWidth = 1 / zoom;
  context.strokeStyle = palette.hairline;
  context.stroke();
  context.save();
  context.translate(box.x, box.y);
  context.scale(1 / zoom, 1 / zoom);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.font = fonts.name;
  context.fillStyle = palette.quiet;
  context.fillText(fitted(context, look.name, Math.max(120, inSteps(box.width * zoom - 4))), 2, -6);
  context.restore();
}

/** Requests a second that come in at each node. */
export function inboundRates(edges: readonly GraphEdge[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const edge of edges) sums.set(edge.target, (sums.get(edge.target) ?? 0) + edge.rate);
  return sums;
}
