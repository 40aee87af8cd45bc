import type { GraphEdge } from "../../../src/api/contract.ts";
import { type Box, type Curve, overlap, type Point, pointOn } from "./geometry.ts";
import type { Palette } from "./palette.ts";
import { fonts } from "./plates.ts";
import { isOpen, labelOf, stateOf } from "./strength.ts";

export interface LabelLook {
  readonly edge: GraphEdge;
  readonly curve: Curve;
  /** Asked for by pointer or choice, so it goes first and above. */
  readonly wanted: boolean;
}

/** Places along an edge that are tried, one after the other. */
const tries = [0.5, 0.4, 0.6, 0.3, 0.7] as const;

/** Draws labels so that none covers another nor a plate; what finds no room and was not asked for stays away. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  looks: readonly LabelLook[],
  blocked: readonly Box[],
  palette: Palette,
): readonly Box[] {
  const taken: Box[] = [...blocked];
  context.font = fonts.mono;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const look of looks.toSorted((a, b) => Number(b.wanted) - Number(a.wanted))) {
    const text = labelOf(look.edge);
    const lock = isOpen(look.edge) ? 16 : 0;
    const width = context.measureText(text).width + 12 + lock;
    const boxes = tries.map((t) => boxAt(pointOn(look.curve, t), width));
    const box = boxes.find((b) => taken.every((t) => !overlap(t, b))) ?? (look.wanted ? boxes[0] : undefined);
    if (!box) continue;
    taken.push(box);
    drawLabel(context, box, text, look, palette);
  }
  return taken;
}

function boxAt(at: Point, width: number): Box {
  return { x: at.x - width / 2, y: at.y - 9, width, height: 18 };
}

function drawLabel(context: CanvasRenderingContext2D, box: Box, text: string, look: LabelLook, palette: Palette): void {
  const state = stateOf(look.edge);
  const open = isOpen(look.edge);
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, 4);
  context.fillStyle = palette.page;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = look.wanted
    ? palette.accent
    : state === "failing" || state === "degraded"
      ? palette.health[state]
      : palette.hairline;
  context.stroke();
  if (open) drawLock(context, { x: box.x + 12, y: box.y + 9 }, palette);
  context.fillStyle = palette.text;
  context.fillText(text, box.x + 6 + (open ? 16 : 0), box.y + 9.5);
}

/** An open padlock on its own, where an edge without a label lacks mutual TLS. */
export function drawLoneLock(
  context: CanvasRenderingContext2D,
  look: LabelLook,
  taken: readonly Box[],
  palette: Palette,
): void {
  const at = tries
    .map((t) => pointOn(look.curve, t))
    .find((p) => taken.every((b) => !overlap(b, { x: p.x - 9, y: p.y - 9, width: 18, height: 18 })));
  if (!at) return;
  context.beginPath();
  context.arc(at.x, at.y, 9, 0, Math.PI * 2);
  context.fillStyle = palette.page;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = palette.hairline;
  context.stroke();
  drawLock(context, at, palette);
}

function drawLock(context: CanvasRenderingContext2D, at: Point, palette: Palette): void {
  context.fillStyle = palette.quiet;
  context.strokeStyle = palette.quiet;
  context.beginPath();
  context.roundRect(at.x - 4, at.y - 0.5, 8, 5.5, 1);
  context.fill();
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(at.x - 2.4, at.y - 0.5);
  context.lineTo(at.x - 2.4, at.y - 3);
  context.arc(at.x, at.y - 3, 2.4, Math.PI, 0);
  context.stroke();
}
