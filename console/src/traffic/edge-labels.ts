import type { GraphEdge } from "../../../src/api/contract/graph.ts";
import { type Box, type Curve, overlap, type Point, pointOn } from "./geometry.ts";
import type { LabelLine } from "./label-lines.ts";
import type { Palette } from "./palette.ts";
import { fonts } from "./plates.ts";
import { isOpen, stateOf } from "./strength.ts";

export interface LabelLook {
  readonly edge: GraphEdge;
  readonly curve: Curve;
  readonly lines: readonly LabelLine[];
  /** Missing mutual TLS is shown. */
  readonly locks: boolean;
  /** Asked for by pointer or choice, so it goes first and above. */
  readonly wanted: boolean;
}

/** Places along an edge that are tried, one after the other. */
const tries = [0.5, 0.4, 0.6, 0.3, 0.7] as const;

const lineHeight = 14;

function heightOf(look: LabelLook): number {
  return look.lines.length * lineHeight + 4;
}

/**
 * Draws labels so that none covers another nor a plate; what finds no room and was not asked for stays away.
 * @param scale of the labels, so that they can be read from a little further off than plates can.
 */
export function drawLabels(
  context: CanvasRenderingContext2D,
  looks: readonly LabelLook[],
  blocked: readonly Box[],
  palette: Palette,
  scale: number,
): readonly Box[] {
  const taken: Box[] = [...blocked];
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const look of looks.toSorted((a, b) => Number(b.wanted) - Number(a.wanted))) {
    context.font = fonts.mono;
    const height = heightOf(look);
    const lock = look.locks && isOpen(look.edge) ? 14 : 0;
    const width =
      Math.max(...look.lines.map((line, i) => context.measureText(line.text).width + (i === 0 ? lock : 0))) + 8;
    const boxes = tries.map((t) => boxAt(pointOn(look.curve, t), width * scale, height * scale));
    const box = boxes.find((b) => taken.every((t) => !overlap(t, b))) ?? (look.wanted ? boxes[0] : undefined);
    if (!box) continue;
    taken.push(box);
    context.save();
    context.translate(box.x, box.y);
    context.scale(scale, scale);
    drawLabel(context, { width, height }, look, palette);
    context.restore();
  }
  return taken;
}

function boxAt(at: Point, width: number, height: number): Box {
  return { x: at.x - width / 2, y: at.y - height / 2, width, height };
}

function drawLabel(
  context: CanvasRenderingContext2D,
  { width, height }: Pick<Box, "width" | "height">,
  look: LabelLook,
  palette: Palette,
): void {
  const failing = stateOf(look.edge) === "failing";
  const open = look.locks && isOpen(look.edge);
  context.beginPath();
  context.roundRect(0, 0, width, height, 4);
  context.fillStyle = palette.page;
  context.fill();
  if (look.wanted) {
    context.lineWidth = 1;
    context.strokeStyle = palette.accent;
    context.stroke();
  }
  if (open) drawLock(context, { x: 9, y: 2 + lineHeight / 2 }, palette);
  for (const [i, line] of look.lines.entries()) {
    const failed = line.tone === "failed";
    context.font = failed ? fonts.monoStrong : fonts.mono;
    context.fillStyle =
      failed && failing ? palette.health.failing : line.tone === "quiet" ? palette.quiet : palette.text;
    context.fillText(line.text, 4 + (open && i === 0 ? 14 : 0), 2.5 + lineHeight * (i + 0.5));
  }
}

/** An open padlock on its own, where an edge without a label lacks mutual TLS. */
export function drawLoneLock(
  context: CanvasRenderingContext2D,
  curve: Curve,
  taken: readonly Box[],
  palette: Palette,
): void {
  const at = tries
    .map((t) => pointOn(curve, t))
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
