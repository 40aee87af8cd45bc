import cytoscape, { type Core, type EventObject } from "cytoscape";
import type { Graph, GraphEdge, GraphNode } from "../../../src/api/contract.ts";
import { around, curveBetween, type Point } from "./geometry.ts";
import { layOut } from "./layout.ts";
import { type Palette, readPalette } from "./palette.ts";
import { type Places, placeNew } from "./placement.ts";
import { spacesBelow, spacesFrom, spacesOf } from "./spaces.ts";
import { type EdgeData, stageStyle } from "./stage-style.ts";

export interface StageEvents {
  readonly onNode: (id: string) => void;
  readonly onEdge: (id: string) => void;
  readonly onBackground: () => void;
  /** Something that is drawn over the edges has changed. */
  readonly onDraw: () => void;
}

const fade = 140;
const padding = 48;

/** The graph on its cytoscape: who stands where, what is chosen, what is in sight. Drawing of plates and dots is done by layers above it. */
export class Stage {
  readonly cy: Core;
  readonly #events: StageEvents;
  readonly #still: boolean;
  /** Everybody who was ever seen keeps their place. */
  #places: Places = new Map();
  #graph: Graph | undefined;
  #busy: Promise<void> = Promise.resolve();
  #touched = false;
  #hovered: string | undefined;
  #selected: string | undefined;
  palette: Palette = readPalette();

  /** @param still no motion (`prefers-reduced-motion`). */
  constructor(host: HTMLElement, events: StageEvents, still: boolean) {
    this.#events = events;
    this.#still = still;
    this.cy = cytoscape({
      container: host,
      style: stageStyle(this.palette),
      minZoom: 0.05,
      maxZoom: 2.2,
      boxSelectionEnabled: false,
      autounselectify: true,
      pixelRatio: "auto",
    });
    this.#listen();
  }

  get graph(): Graph | undefined {
    return this.#graph;
  }

  get hovered(): string | undefined {
    return this.#hovered;
  }

  get selected(): string | undefined {
    return this.#selected;
  }

  /** Whether namespaces are drawn in place of their nodes. */
  get afar(): boolean {
    const graph = this.#graph;
    return (
      graph !== undefined &&
      this.cy.zoom() < spacesBelow &&
      graph.nodes.length >= spacesFrom &&
      new Set(graph.nodes.map((n) => n.namespace)).size > 1
    );
  }

  placeOf(id: string): Point | undefined {
    return this.#places.get(id);
  }

  get places(): Places {
    return this.#places;
  }

  /** Shows this graph: nobody jumps, new ones fade in, gone ones fade out. Resolves when it stands. */
  show(graph: Graph): Promise<void> {
    this.#busy = this.#busy.then(() => this.#show(graph));
    return this.#busy;
  }

  async #show(graph: Graph): Promise<void> {
    if (this.cy.destroyed()) return;
    const known = graph.nodes.filter((n) => this.#places.has(n.id)).length;
    const fresh = known * 2 < graph.nodes.length;
    const places = fresh ? await layOut(graph) : placeNew(graph, this.#places);
    if (this.cy.destroyed()) return;
    this.#places = new Map([...this.#places, ...places]);
    this.#graph = graph;
    this.cy.batch(() => {
      this.#sync(graph);
    });
    if (fresh || !this.#touched) this.fit();
    this.#light();
    this.#events.onDraw();
  }

  #sync(graph: Graph): void {
    const ids = new Set([...graph.nodes.map((n) => n.id), ...graph.edges.map((e) => e.id)]);
    const gone = this.cy.elements().filter((element) => !ids.has(element.id()));
    if (this.#still) gone.remove();
    else gone.animate({ style: { opacity: 0 } }, { duration: fade, complete: () => void gone.remove() });
    for (const node of graph.nodes) this.#node(node);
    const lanes = lanesOf(graph.edges);
    for (const edge of graph.edges) this.#edge(edge, lanes.get(edge.id) ?? 0);
  }

  #node(node: GraphNode): void {
    const position = { ...(this.#places.get(node.id) ?? { x: 0, y: 0 }) };
    if (this.cy.getElementById(node.id).nonempty()) return;
    const added = this.cy.add({ group: "nodes", data: { id: node.id }, position });
    if (!this.#still) added.style("opacity", 0).animate({ style: { opacity: 1 } }, { duration: fade });
  }

  #edge(edge: GraphEdge, lane: number): void {
    const source = this.#places.get(edge.source);
    const target = this.#places.get(edge.target);
    if (!source || !target) return;
    const data: EdgeData = { edge, curve: curveBetween(source, target, lane) };
    const known = this.cy.getElementById(edge.id);
    if (known.nonempty()) {
      known.scratch("weft", data);
      // cytoscape works out the style of an element again when its data changes, not its scratch
      known.data("drawn", (Number(known.data("drawn")) || 0) + 1);
      return;
    }
    const added = this.cy.add({
      group: "edges",
      data: { id: edge.id, source: edge.source, target: edge.target },
      scratch: { weft: data },
    });
    if (!this.#still)
      added
        .style("opacity", 0)
        .animate({ style: { opacity: 1 } }, { duration: fade, complete: () => void added.removeStyle("opacity") });
  }

  /** Marks a node or an edge as chosen and brings it into what is not covered. */
  select(id: string | undefined, coveredRight: number): void {
    this.#selected = id;
    this.#light();
    if (id !== undefined) this.#reveal(id, coveredRight);
    this.#events.onDraw();
  }

  #reveal(id: string, coveredRight: number): void {
    const element = this.cy.getElementById(id);
    if (element.empty()) return;
    const box = element.renderedBoundingBox({});
    const right = this.cy.width() - coveredRight - 24;
    const dx = box.x2 > right ? right - box.x2 : box.x1 < 24 ? 24 - box.x1 : 0;
    const dy = box.y2 > this.cy.height() - 24 ? this.cy.height() - 24 - box.y2 : box.y1 < 24 ? 24 - box.y1 : 0;
    if (dx !== 0 || dy !== 0) this.#move(() => this.cy.panBy({ x: dx, y: dy }), { panBy: { x: dx, y: dy } });
  }

  #move(now: () => void, later: cytoscape.AnimationOptions): void {
    if (this.#still) now();
    else this.cy.animate(later as never, { duration: fade });
  }

  #light(): void {
    this.cy.batch(() => {
      this.cy.edges().removeClass("lit");
      for (const id of [this.#hovered, this.#selected]) {
        if (id === undefined) continue;
        const element = this.cy.getElementById(id);
        if (element.isEdge()) element.addClass("lit");
      }
    });
  }

  /** Everything in sight. */
  fit(): void {
    this.#touched = false;
    this.cy.fit(undefined, padding);
    if (this.cy.zoom() > 1.1) {
      this.cy.zoom(1.1);
      this.cy.center();
    }
  }

  /** Lays everything out anew. */
  async tidy(): Promise<void> {
    const graph = this.#graph;
    if (!graph) return;
    this.#places = await layOut(graph);
    for (const node of graph.nodes) {
      const place = this.#places.get(node.id);
      if (place) this.cy.getElementById(node.id).position({ ...place });
    }
    this.#route();
    this.fit();
  }

  zoomBy(factor: number): void {
    this.#touched = true;
    const middle = { x: this.cy.width() / 2, y: this.cy.height() / 2 };
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: middle });
  }

  panBy(x: number, y: number): void {
    this.#touched = true;
    this.cy.panBy({ x, y });
  }

  /** The page's colours have changed. */
  repaint(): void {
    this.palette = readPalette();
    this.cy.style(stageStyle(this.palette));
    this.#events.onDraw();
  }

  resize(): void {
    this.cy.resize();
    if (!this.#touched && this.#graph) this.fit();
    this.#events.onDraw();
  }

  destroy(): void {
    this.cy.destroy();
  }

  /** Edges follow a node that was moved. */
  #route(): void {
    if (!this.#graph) return;
    const lanes = lanesOf(this.#graph.edges);
    this.cy.batch(() => {
      for (const edge of this.#graph?.edges ?? []) this.#edge(edge, lanes.get(edge.id) ?? 0);
    });
    this.#events.onDraw();
  }

  #listen(): void {
    this.cy.on("render", () => this.#events.onDraw());
    this.cy.on("tap", (event: EventObject) => this.#tap(event));
    this.cy.on("mouseover", "node, edge", (event: EventObject) => this.#hover(event.target.id() as string));
    this.cy.on("mouseout", "node, edge", () => this.#hover(undefined));
    this.cy.on("drag", "node", (event: EventObject) => {
      const node = event.target as cytoscape.NodeSingular;
      this.#places = new Map(this.#places).set(node.id(), { ...node.position() });
      this.#route();
    });
    this.cy.on("scrollzoom dragpan pinchzoom", () => {
      this.#touched = true;
    });
  }

  #hover(id: string | undefined): void {
    this.#hovered = this.afar ? undefined : id;
    const box = this.cy.container();
    if (box) box.style.cursor = this.#hovered === undefined ? "" : "pointer";
    this.#light();
    this.#events.onDraw();
  }

  #tap(event: EventObject): void {
    if (this.afar) return this.#enter(event.position);
    if (event.target === this.cy) return this.#events.onBackground();
    const id = event.target.id() as string;
    if (event.target.isNode()) this.#events.onNode(id);
    else this.#events.onEdge(id);
  }

  /** From afar, a tap on a namespace goes there. */
  #enter(at: Point): void {
    const graph = this.#graph;
    if (!graph) return;
    const space = spacesOf(graph, this.#places).find(
      ({ box }) => at.x >= box.x && at.x <= box.x + box.width && at.y >= box.y && at.y <= box.y + box.height,
    );
    if (!space) return;
    const inside = new Set(graph.nodes.filter((n) => n.namespace === space.name).map((n) => n.id));
    this.#touched = true;
    const eles = this.cy
      .nodes()
      .filter((n: cytoscape.NodeSingular) => inside.has(n.id()))
      .nodes();
    const box = around(
      eles.toArray().map((n) => n.position()),
      padding,
    );
    const zoom = box
      ? Math.max(spacesBelow * 1.15, Math.min(1, this.cy.width() / box.width, this.cy.height() / box.height))
      : 1;
    this.#move(
      () => {
        this.cy.zoom(zoom);
        this.cy.center(eles);
      },
      { zoom, center: { eles } } as never,
    );
  }
}

/** Edges between the same two nodes run beside each other. */
function lanesOf(edges: readonly GraphEdge[]): ReadonlyMap<string, number> {
  const lanes = new Map<string, number>();
  for (const group of Map.groupBy(edges, (e) => [e.source, e.target].toSorted().join("\n")).values()) {
    for (const [i, edge] of group.entries()) lanes.set(edge.id, (i - (group.length - 1) / 2) * 12);
  }
  return lanes;
}
