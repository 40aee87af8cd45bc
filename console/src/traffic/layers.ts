import type { Graph, GraphEdge } from "../../../src/api/contract/graph.ts";
import { badgesOf } from "./badges.ts";
import { type DotRun, drawDots } from "./dots.ts";
import { drawLabels, drawLoneLock, type LabelLook } from "./edge-labels.ts";
import { ranksOf } from "./find/rank.ts";
import { plate, plateWidth } from "./geometry.ts";
import { type LabelLine, labelLines } from "./label-lines.ts";
import { versionColour } from "./palette.ts";
import { type Picture, sharesOf } from "./picture.ts";
import { drawFrame, drawPlate, drawSpace, fonts, inboundRates, type PlateLook, wordsFrom } from "./plates.ts";
import { usualKinds } from "./search.ts";
import { appFramesOf, spacesOf } from "./spaces.ts";
import type { Stage } from "./stage.ts";
import type { EdgeData } from "./stage-style.ts";
import { isOpen, worst } from "./strength.ts";

/** Facts of a graph that drawing asks for over and over. */
interface Derived {
  readonly graph: Graph;
  readonly inbound: ReadonlyMap<string, number>;
  readonly worst: ReadonlySet<string>;
  readonly colours: ReadonlyMap<string, string | undefined>;
  readonly shares: ReadonlyMap<string, number>;
  readonly ranks: ReadonlyMap<string, number> | undefined;
}

/** From this many edges on, dots move at half the frames. */
const manyEdges = 250;

/** The two canvases over the edges: plates and labels, drawn when something changed, and dots, drawn always. */
export class Layers {
  readonly #stage: Stage;
  readonly #plates: CanvasRenderingContext2D;
  readonly #dots: CanvasRenderingContext2D;
  #derived: Derived | undefined;
  #asked = 0;
  #frame = 0;
  #frames = 0;
  focused: string | undefined;
  #picture: Omit<Picture, "graph"> | undefined;

  constructor(stage: Stage, plates: HTMLCanvasElement, dots: HTMLCanvasElement, still: boolean) {
    this.#stage = stage;
    this.#plates = contextOf(plates);
    this.#dots = contextOf(dots);
    for (const font of Object.values(fonts)) void document.fonts.load(font).then(() => this.ask());
    if (!still) this.#frame = requestAnimationFrame(this.#tick);
  }

  /** Draws plates and labels with the next frame, however often it is asked. */
  ask(): void {
    if (this.#asked !== 0) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      this.#draw();
    });
  }

  /** How the graph is to be drawn from now on. */
  dress(picture: Omit<Picture, "graph">): void {
    this.#picture = picture;
    this.#derived = undefined;
    this.ask();
  }

  destroy(): void {
    cancelAnimationFrame(this.#asked);
    cancelAnimationFrame(this.#frame);
  }

  readonly #tick = (time: number): void => {
    this.#frame = requestAnimationFrame(this.#tick);
    const { graph, cy } = this.#stage;
    this.#frames++;
    if (!graph || cy.destroyed() || (graph.edges.length > manyEdges && this.#frames % 2 === 0)) return;
    clear(this.#dots, cy.width(), cy.height());
    if (this.#stage.afar || this.#picture?.shown.has("animation") === false) return;
    const sight = { zoom: cy.zoom(), pan: cy.pan(), width: cy.width(), height: cy.height() };
    drawDots(this.#dots, this.#runs(graph), this.#stage.palette, sight, time / 1000);
  };

  #runs(graph: Graph): readonly DotRun[] {
    return graph.edges.flatMap((edge) => {
      const data = this.#dataOf(edge);
      return data ? [{ edge, curve: data.curve, dim: false }] : [];
    });
  }

  #dataOf(edge: GraphEdge): EdgeData | undefined {
    return this.#stage.cy.getElementById(edge.id).scratch("weft") as EdgeData | undefined;
  }

  #draw(): void {
    const { graph, cy, palette } = this.#stage;
    if (cy.destroyed()) return;
    const context = this.#plates;
    const zoom = cy.zoom();
    const pan = cy.pan();
    clear(context, cy.width(), cy.height());
    if (!graph) return;
    context.save();
    context.translate(pan.x, pan.y);
    context.scale(zoom, zoom);
    const derived = this.#derive(graph);
    if (this.#stage.afar)
      for (const space of spacesOf(graph, this.#stage.places)) drawSpace(context, space, palette, zoom);
    else {
      if (this.#stage.framed)
        for (const space of spacesOf(graph, this.#stage.places)) drawFrame(context, space, palette, zoom);
      if (this.#picture?.shown.has("apps"))
        for (const app of appFramesOf(graph, this.#stage.places)) drawFrame(context, app, palette, zoom);
      const plates = this.#platesOf(derived);
      for (const look of plates) drawPlate(context, look, palette, zoom);
      if (zoom >= wordsFrom) this.#drawEdges(derived, plates);
    }
    context.restore();
  }

  #drawEdges(derived: Derived, plates: readonly PlateLook[]): void {
    const { palette, hovered, selected } = this.#stage;
    const blocked = plates.map(({ at, node }) => ({
      x: at.x - plateWidth(node) / 2,
      y: at.y - plate.height / 2,
      width: plateWidth(node),
      height: plate.height,
    }));
    const touched = (edge: GraphEdge) =>
      [hovered, selected].some(
        (id) => id !== undefined && (id === edge.id || id === edge.source || id === edge.target),
      );
    const found = this.#picture?.found?.edges;
    const locks = this.#picture?.shown.has("locks") !== false;
    const looks = derived.graph.edges.flatMap((edge): LabelLook[] => {
      const data = this.#dataOf(edge);
      const wanted = touched(edge) || found?.has(edge.id) === true;
      return data ? [{ edge, curve: data.curve, wanted, lines: this.#lines(edge, derived), locks }] : [];
    });
    const all = (this.#picture?.labels.length ?? 0) > 0;
    const order = [...derived.worst];
    const labelled = looks
      .filter((l) => l.lines.length > 0 && (all || l.wanted || derived.worst.has(l.edge.id)))
      .toSorted((a, b) => order.indexOf(a.edge.id) - order.indexOf(b.edge.id));
    const taken = drawLabels(
      this.#plates,
      labelled,
      blocked,
      palette,
      Math.min(1.5, Math.max(1, 1 / this.#stage.cy.zoom())),
    );
    for (const look of looks)
      if (locks && !labelled.includes(look) && isOpen(look.edge)) drawLoneLock(this.#plates, look, taken, palette);
  }

  #lines(edge: GraphEdge, { shares }: Derived): readonly LabelLine[] {
    const { labels, kinds } = this.#picture ?? { labels: [], kinds: usualKinds };
    return labelLines(edge, labels, kinds, shares.get(edge.id) ?? 0);
  }

  #platesOf(derived: Derived): readonly PlateLook[] {
    const { cy, hovered, selected } = this.#stage;
    const near = hovered ?? selected;
    const crowd = derived.graph.nodes.length > 40 && near !== undefined;
    const close = crowd ? neighbours(derived.graph, near) : undefined;
    const { shown, found } = this.#picture ?? {};
    return derived.graph.nodes.flatMap((node): PlateLook[] => {
      const element = cy.getElementById(node.id);
      if (element.empty()) return [];
      return [
        {
          node,
          at: element.position(),
          alpha: Number(element.numericStyle("opacity")),
          inbound: derived.inbound.get(node.id) ?? 0,
          selected: node.id === selected,
          hovered: node.id === hovered,
          focused: node.id === this.focused,
          dim: close !== undefined && !close.has(node.id),
          colour: derived.colours.get(node.id),
          badges: shown?.has("badges") === false ? [] : badgesOf(node),
          rank: derived.ranks?.get(node.id),
          found: found?.nodes.has(node.id) === true,
          sidecars: shown?.has("sidecars") !== false,
        },
      ];
    });
  }

  #derive(graph: Graph): Derived {
    if (this.#derived?.graph === graph) return this.#derived;
    const versions = Map.groupBy(
      graph.nodes.filter((n) => n.type === "workload" || n.type === "app"),
      (n) => `${n.namespace}/${n.app}`,
    );
    const colours = new Map(
      graph.nodes.map((n) => {
        const all = (versions.get(`${n.namespace}/${n.app}`) ?? []).map((v) => v.version);
        return [
          n.id,
          n.type === "workload" || n.type === "app" ? versionColour([...new Set(all)], n.version) : undefined,
        ];
      }),
    );
    const { shown } = this.#picture ?? {};
    const by = shown?.has("rank") ? "inbound" : shown?.has("rank-out") ? "outbound" : undefined;
    this.#derived = {
      graph,
      inbound: inboundRates(graph.edges),
      worst: worst(graph.edges),
      colours,
      shares: sharesOf(graph.edges),
      ranks: by && ranksOf(graph, by),
    };
    return this.#derived;
  }
}

function neighbours(graph: Graph, id: string): ReadonlySet<string> {
  const near = new Set([id]);
  for (const edge of graph.edges) {
    if (edge.source === id || edge.id === id) near.add(edge.target);
    if (edge.target === id || edge.id === id) near.add(edge.source);
  }
  return near;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  return context;
}

/** Empties the canvas, made to fit first, in pixels of the screen. */
function clear(context: CanvasRenderingContext2D, width: number, height: number): void {
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
