import type uPlot from "uplot";
import { pageColour } from "../charts/plot.ts";
import type { Cell, Mark } from "./bins.ts";

/** Colours of the page, as they are now. */
export interface Ink {
  readonly accent: string;
  readonly failing: string;
}

export function readInk(): Ink {
  return { accent: pageColour("accent"), failing: pageColour("failing") };
}

/** Dots for what went well, diamonds for what failed: on top, and told apart by shape, too. */
export function drawMarks(u: uPlot, marks: readonly Mark[], ink: Ink): void {
  const { ctx } = u;
  const scale = devicePixelRatio;
  ctx.save();
  clip(u);
  for (const failed of [false, true]) {
    ctx.fillStyle = failed ? ink.failing : ink.accent;
    ctx.globalAlpha = failed ? 0.95 : 0.6;
    for (const mark of marks.filter((m) => m.failed === failed)) {
      const x = u.valToPos(mark.start / 1000, "x", true);
      const y = u.valToPos(mark.duration, "y", true);
      ctx.beginPath();
      if (failed) diamond(ctx, x, y, 4.5 * scale);
      else ctx.arc(x, y, 3 * scale, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
  ctx.restore();
}

/** How strongly a cell is drawn: 0 to 1, by how many are in it of the most that any has. */
export function strength(count: number, most: number): number {
  return 0.2 + 0.8 * Math.sqrt(count / most);
}

/** Cells, the fuller the stronger; below in each the share that failed. */
export function drawCells(u: uPlot, cells: readonly Cell[], ink: Ink): void {
  const { ctx } = u;
  const most = Math.max(1, ...cells.map((c) => c.count));
  ctx.save();
  clip(u);
  for (const cell of cells) {
    const left = u.valToPos(cell.from / 1000, "x", true);
    const right = u.valToPos(cell.to / 1000, "x", true);
    const top = u.valToPos(cell.high, "y", true);
    const bottom = u.valToPos(cell.low, "y", true);
    ctx.globalAlpha = strength(cell.count, most);
    const [width, height] = [Math.max(2, right - left - 2), Math.max(2, bottom - top - 2)];
    ctx.fillStyle = ink.accent;
    ctx.fillRect(left + 1, top + 1, width, height);
    if (cell.failed === 0) continue;
    // Of its lower edge the share that failed.
    ctx.globalAlpha = 1;
    ctx.fillStyle = ink.failing;
    ctx.fillRect(left + 1, bottom - 1 - height / 4, Math.max(3, (width * cell.failed) / cell.count), height / 4);
  }
  ctx.restore();
}

function clip(u: uPlot): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
}

function diamond(ctx: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r, y);
  ctx.lineTo(x, y + r);
  ctx.lineTo(x - r, y);
  ctx.closePath();
}
