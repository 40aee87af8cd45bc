import type { EdgeSingular, StylesheetJson } from "cytoscape";
import type { GraphEdge } from "../../../src/api/contract/graph.ts";
import { alongAndBeside, type Curve, plate } from "./geometry.ts";
import type { Palette } from "./palette.ts";
import { flows, stateOf, widthOf } from "./strength.ts";

/** What an edge of the stage carries. */
export interface EdgeData {
  readonly edge: GraphEdge;
  readonly curve: Curve;
}

function dataOf(element: EdgeSingular): EdgeData {
  return element.scratch("weft") as EdgeData;
}

function controls(element: EdgeSingular): readonly { readonly along: number; readonly beside: number }[] {
  const { start, first, second, end } = dataOf(element).curve;
  return [alongAndBeside(start, end, first), alongAndBeside(start, end, second)];
}

/** Edges as cytoscape draws them. Nodes are drawn by plates.ts; here they are only what the pointer hits. */
export function stageStyle(palette: Palette): StylesheetJson {
  const colour = (element: EdgeSingular) => {
    const state = stateOf(dataOf(element).edge);
    return state === "healthy" || state === "unknown" ? palette.edge : palette.health[state];
  };
  return [
    { selector: "core", style: { "active-bg-opacity": 0, "selection-box-opacity": 0 } as never },
    {
      selector: "node",
      style: {
        width: "data(width)" as never,
        height: plate.height,
        shape: "round-rectangle",
        "background-opacity": 0,
        "overlay-opacity": 0,
        "transition-property": "opacity",
      },
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
        width: (e: EdgeSingular) => widthOf(dataOf(e).edge),
        "line-color": colour,
        "target-arrow-color": colour,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.75,
        "line-style": (e: EdgeSingular) => (dataOf(e).edge.protocol === "tcp" ? "dashed" : "solid"),
        "line-dash-pattern": [7, 4],
        "line-opacity": (e: EdgeSingular) => (betweenPlates(e) ? 0.3 : flows(dataOf(e).edge) ? 0.85 : 0.4),
        "overlay-opacity": 0,
      } as never,
    },
    // seen from afar a line as thin as it is near would be none
    { selector: "edge.afar", style: { width: 7, "target-arrow-shape": "none" } },
    {
      selector: "edge.lit",
      style: { "line-color": palette.accent, "target-arrow-color": palette.accent, "line-opacity": 1, "z-index": 5 },
    },
    { selector: "edge.dim", style: { opacity: 0.25 } },
  ];
}

/** From one folded namespace to another: there are many, and what they are is seen when one is pointed at. */
function betweenPlates(element: EdgeSingular): boolean {
  return [element.source(), element.target()].every((n) => n.id().startsWith("namespace/"));
}

function laneOf(element: EdgeSingular): number {
  return dataOf(element).curve.start.y - element.source().position("y");
}
