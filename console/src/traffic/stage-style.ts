import type { EdgeSingular, StylesheetJson } from "cytoscape";
import { alongAndBeside, type Curve, plate } from "./geometry.ts";

/** What an edge of the stage carries. */
interface EdgeData {
  readonly curve: Curve;
}

function dataOf(element: EdgeSingular): EdgeData {
  return element.scratch("weft") as EdgeData;
}

function controls(element: EdgeSingular): readonly { readonly along: number; readonly beside: number }[] {
  const { start, first, second, end } = dataOf(element).curve;
  return [alongAndBeside(start, end, first), alongAndBeside(start, end, second)];
}

/**
 * What the pointer hits: cytoscape draws nothing of it. Nodes and edges are drawn by plates.ts and edges.ts, whose cost is that of what is in sight; cytoscape's own
 * drawing works out the style of every edge again whenever a figure changes.
 */
export const stageStyle: StylesheetJson = [
  { selector: "core", style: { "active-bg-opacity": 0, "selection-box-opacity": 0 } as never },
  {
    selector: "node",
    style: { width: "data(width)" as never, height: plate.height, shape: "round-rectangle", opacity: 0 },
  },
  {
    selector: "edge",
    style: {
      "curve-style": "unbundled-bezier",
      "edge-distances": "endpoints",
      "source-endpoint": (e: EdgeSingular) => `${e.source().data("width") / 2}px ${laneOf(e)}px`,
      "target-endpoint": (e: EdgeSingular) => `${-e.target().data("width") / 2}px ${laneOf(e)}px`,
      "control-point-distances": (e: EdgeSingular) =>
        controls(e)
          .map((c) => c.beside)
          .join(" "),
      "control-point-weights": (e: EdgeSingular) =>
        controls(e)
          .map((c) => c.along)
          .join(" "),
      width: 4,
      opacity: 0,
    } as never,
  },
];

function laneOf(element: EdgeSingular): number {
  return dataOf(element).curve.start.y - element.source().position("y");
}
