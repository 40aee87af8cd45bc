import type { Graph, GraphEdge } from "../../../src/api/contract/graph.ts";
import { badgesOf } from "./badges.ts";
import { clear, contextOf, curveInSight, enterGraph, plateInSight, sightOf } from "./canvas.ts";
import { type Derived, derive, type Frames, framesOf, neighbours } from "./derived.ts";
import { type DotRun, drawDots, runsOf } from "./dots.ts";
import { drawLabels, drawLoneLock, type LabelLook } from "./edge-labels.ts";
import { drawEdges, type EdgeLook } from "./edges.ts";
import { type Box, plate, plateWidth } from "./geometry.ts";
import { type LabelLine, labelLines } from "./label-lines.ts";
import type { Picture } from "./picture.ts";
import type { Places } from "./placement.ts";
import { drawFrame, drawPlate, drawSpace, fonts, type PlateLook, wordsFrom } from "./plates.ts";
import { usualKinds } from "./search.ts";
import { fade, type Stage } from "./stage.ts";
import { isOpen } from "./strength.ts";

/** From this many edges on, dots move at half the frames. */
const manyEdges = 250;

/** The canvases over the stage, from below. */
export interface Canvases {
  readonly edges: HTMLCanvasElement;
  readonly dots: HTMLCanvasElement;
  readonly plates: HTMLCanvasElement;
}

/** What went with the last graph, and when. */
interface Leaving {
  readonly plates: readonly PlateLook[];
  readonly edges: readonly EdgeLook[];
  readonly since: number;
}

/** What is seen of the graph: edges, plates and labels, drawn when something changed, and dots, drawn always. Only what is in sight is drawn. */
export class Layers {
  readonly #stage: Stage;
  readonly #edges: CanvasRenderingContext2D;
  readonly #plates: CanvasRenderingContext2D;
  readonly #dots: CanvasRenderingContext2D;
  readonly #still: boolean;
  #derived: Derived | undefined;
  #frames: Frames | undefined;
  #looks: { readonly plates: readonly PlateLook[]; readonly edges: readonly EdgeLook[] } = { plates: [], edges: [] };
  #leaving: Leaving | undefined;
  #moving: { readonly graph: Graph; readonly places: Places; readonly runs: readonly DotRun[] } | undefined;
  #asked = 0;
  #next = 0;
  #ticks = 0;
  focused: string | undefined;
  #picture: Omit<Picture, "graph"> | undefined;

  constructor(stage: Stage, canvases: Canvases, still: boolean) {
    this.#stage = stage;
    this.#edges = contextOf(canvases.edges);
    this.#plates = contextOf(canvases.plates);
    this.#dots = contextOf(canvases.dots);
    this.#still = still;
    for (const font of Object.values(fonts)) void document.fonts.load(font).then(() => this.ask());
    if (!still) this.#next = requestAnimationFrame(this.#tick);
  }

  /** Draws edges, plates and labels with the next frame, however often it is asked. */
  ask(): void {
    if (this.#asked !== 0) return;
    this.#asked = requestAnimationFrame((now) => {
      this.#asked = 0;
      this.#draw(now);
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
    cancelAnimationFrame(this.#next);
  }

  readonly #tick = (time: number): void => {
    this.#next = requestAnimationFrame(this.#tick);
    const { graph, cy } = this.#stage;
    this.#ticks++;
    if (!graph || cy.destroyed() || (graph.edges.length > manyEdges && this.#ticks % 2 === 0)) return;
    clear(this.#dots, cy.width(), cy.height());
    if (this.#stage.afar || this.#picture?.shown.has("animation") === false) return;
    const sight = { zoom: cy.zoom(), pan: cy.pan(), width: cy.width(), height: cy.height() };
    drawDots(this.#dots, this.#runs(graph), this.#stage.palette, sight, time / 1000);
  };

  #runs(graph: Graph): readonly DotRun[] {
    const { curves, places } = this.#stage;
    if (this.#moving?.graph !== graph || this.#moving.places !== places)
      this.#moving = { graph, places, runs: runsOf(graph.edges, curves) };
    return this.#moving.runs;
  }

  #draw(now: number): void {
    const { graph, cy, palette, afar } = this.#stage;
    if (cy.destroyed()) return;
    for (const context of [this.#edges, this.#plates]) clear(context, cy.width(), cy.height());
    if (!graph) return;
    const derived = this.#derive(graph, now);
    const zoom = cy.zoom();
    const sight = sightOf(cy);
    const edges = this.#edgesOf(derived, sight, now);
    const plates = afar ? [] : this.#platesOf(derived, sight, now);
    this.#looks = { plates, edges };
    const gone = this.#gone(now);
    for (const context of [this.#edges, this.#plates]) {
      context.save();
      enterGraph(context, cy);
    }
    drawEdges(this.#edges, [...gone.edges, ...edges], palette, afar);
    this.#drawFrames(graph, zoom);
    for (const look of [...gone.plates, ...plates]) drawPlate(this.#plates, look, palette, zoom);
    if (!afar && zoom >= wordsFrom) this.#drawLabels(derived, plates, edges);
    for (const context of [this.#edges, this.#plates]) context.restore();
    const comes = [...plates, ...edges].some((look) => look.alpha < 1);
    if (comes || gone.plates.length + gone.edges.length > 0) this.ask();
  }

  /** What has just gone, as far as it still fades. */
  #gone(now: number): Omit<Leaving, "since"> {
    const share = this.#leaving && !this.#still ? 1 - (now - this.#leaving.since) / fade : 0;
    if (!this.#leaving || share <= 0) {
      this.#leaving = undefined;
      return { plates: [], edges: [] };
    }
    const alpha = Math.min(1, share);
    return {
      plates: this.#leaving.plates.map((look) => ({ ...look, alpha })),
      edges: this.#leaving.edges.map((look) => ({ ...look, alpha })),
    };
  }

  #drawFrames(graph: Graph, zoom: number): void {
    const { palette, places, afar, framed } = this.#stage;
    const apps = this.#picture?.shown.has("apps");
    if (!afar && !framed && !apps) return;
    if (this.#frames?.graph !== graph || this.#frames.places !== places) this.#frames = framesOf(graph, places);
    const draw = afar ? drawSpace : drawFrame;
    if (afar || framed) for (const space of this.#frames.spaces) draw(this.#plates, space, palette, zoom);
    if (!afar && apps) for (const app of this.#frames.apps) drawFrame(this.#plates, app, palette, zoom);
  }

  #edgesOf({ graph }: Derived, sight: Box, now: number): readonly EdgeLook[] {
    const { curves, hovered, selected } = this.#stage;
    const found = this.#picture?.found?.edges;
    return graph.edges.flatMap((edge): EdgeLook[] => {
      const curve = curves.get(edge.id);
      if (!curve || !curveInSight(curve, sight)) return [];
      const lit = edge.id === hovered || edge.id === selected || found?.has(edge.id) === true;
      const faint = edge.source.startsWith("namespace/") && edge.target.startsWith("namespace/");
      return [{ edge, curve, lit, faint, alpha: this.#stage.presence(edge.id, now) }];
    });
  }

  #drawLabels(derived: Derived, plates: readonly PlateLook[], edges: readonly EdgeLook[]): void {
    const { palette, hovered, selected, cy } = this.#stage;
    const blocked = plates.map(({ at, node }) => ({
      x: at.x - plateWidth(node) / 2,
      y: at.y - plate.height / 2,
      width: plateWidth(node),
      height: plate.height,
    }));
    const touched = ({ id, source, target }: GraphEdge) =>
      [hovered, selected].some((at) => at !== undefined && (at === id || at === source || at === target));
    const found = this.#picture?.found?.edges;
    const locks = this.#picture?.shown.has("locks") !== false;
    const all = (this.#picture?.labels.length ?? 0) > 0;
    const order = [...derived.worst];
    const labelled = edges
      .flatMap(({ edge, curve }): LabelLook[] => {
        const wanted = touched(edge) || found?.has(edge.id) === true;
        const lines = all || wanted || derived.worst.has(edge.id) ? this.#lines(edge, derived) : [];
        return lines.length > 0 ? [{ edge, curve, wanted, lines, locks }] : [];
      })
      .toSorted((a, b) => order.indexOf(a.edge.id) - order.indexOf(b.edge.id));
    const taken = drawLabels(this.#plates, labelled, blocked, palette, Math.min(1.5, Math.max(1, 1 / cy.zoom())));
    if (!locks) return;
    const said = new Set(labelled.map((l) => l.edge.id));
    for (const { edge, curve } of edges)
      if (isOpen(edge) && !said.has(edge.id)) drawLoneLock(this.#plates, curve, taken, palette);
  }

  #lines(edge: GraphEdge, { shares }: Derived): readonly LabelLine[] {
    const { labels, kinds } = this.#picture ?? { labels: [], kinds: usualKinds };
    return labelLines(edge, labels, kinds, shares.get(edge.id) ?? 0);
  }

  #platesOf(derived: Derived, sight: Box, now: number): readonly PlateLook[] {
    const { places, hovered, selected } = this.#stage;
    const near = hovered ?? selected;
    const crowd = derived.graph.nodes.length > 40 && near !== undefined;
    const close = crowd ? neighbours(derived.graph, near) : undefined;
    const { shown, found } = this.#picture ?? {};
    return derived.graph.nodes.flatMap((node): PlateLook[] => {
      const at = places.get(node.id);
      if (!at || !plateInSight(at, sight)) return [];
      return [
        {
          node,
          at,
          alpha: this.#stage.presence(node.id, now),
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

  #derive(graph: Graph, now: number): Derived {
    if (this.#derived?.graph === graph) return this.#derived;
    const ids = new Set([...graph.nodes.map((n) => n.id), ...graph.edges.map((e) => e.id)]);
    const plates = this.#looks.plates.filter((look) => !ids.has(look.node.id));
    const edges = this.#looks.edges.filter((look) => !ids.has(look.edge.id));
    if (plates.length + edges.length > 0) this.#leaving = { plates, edges, since: now };
    this.#derived = derive(graph, this.#picture?.shown);
    return this.#derived;
  }
}
