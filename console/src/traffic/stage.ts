import cytoscape, { type Core, type EventObject } from "cytoscape";
import type { Graph, GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";
import { Camera } from "./camera.ts";
import { type Curve, curveBetween, type Ending, type Point, plate, plateWidth, sameCurve } from "./geometry.ts";
import { lanesOf, pairsOf } from "./lanes.ts";
import { layOut } from "./layout.ts";
import { type Boxes, noBoxes } from "./nested-layout.ts";
import { type Palette, readPalette } from "./palette.ts";
import { type Places, placeNew } from "./placement.ts";
import { spacesBelow, spacesFrom, spacesOf } from "./spaces.ts";
import "./stage-head.ts";
import { stageStyle } from "./stage-style.ts";

export interface StageEvents {
  readonly onNode: (id: string) => void;
  readonly onEdge: (id: string) => void;
  readonly onBackground: () => void;
  /** A second button, or a long touch, on a node; where, in pixels of the stage. */
  readonly onMenu?: (id: string, at: Point) => void;
  /** Two clicks on a node. */
  readonly onEnter?: (id: string) => void;
  /** Something that is drawn over the edges has changed. */
  readonly onDraw: () => void;
}

/** Milliseconds that a node or an edge takes to come, or to go. */
export const fade = 140;

/** The graph on its cytoscape: who stands where, what is chosen, what is in sight. Drawing of plates and dots is done by layers above it. */
export class Stage {
  readonly cy: Core;
  readonly camera: Camera;
  readonly #events: StageEvents;
  readonly #still: boolean;
  /** Everybody who was ever seen keeps their place. */
  #places: Places = new Map();
  #graph: Graph | undefined;
  #busy: Promise<void> = Promise.resolve();
  #hovered: string | undefined;
  #selected: string | undefined;
  #covered = 0;
  #boxes: Boxes = noBoxes;
  /** Boxes and folded namespaces of the last layout: with other ones everything is laid out anew. */
  #frames = "";
  /** How each edge runs. */
  readonly #curves = new Map<string, Curve>();
  /** When each node and edge came. */
  readonly #born = new Map<string, number>();
  /** Namespaces that the graph is of. */
  #spaces = 0;
  /** How many pairs talked when the graph was last laid out: one that was laid out before its first requests is laid out again with them. */
  #pairs = 0;
  /** Somebody has put a node elsewhere by hand. */
  #arranged = false;
  palette: Palette = readPalette();

  /** @param still no motion (`prefers-reduced-motion`). */
  constructor(host: HTMLElement, events: StageEvents, still: boolean) {
    this.#events = events;
    this.#still = still;
    this.cy = cytoscape({
      container: host,
      style: stageStyle,
      minZoom: 0.05,
      maxZoom: 2.2,
      boxSelectionEnabled: false,
      autounselectify: true,
      pixelRatio: "auto",
    });
    this.camera = new Camera(this.cy, still);
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

  /** Whether namespaces are drawn as boxes of their own. */
  get framed(): boolean {
    return this.#boxes.namespaces && this.#spaces > 1;
  }

  /** Whether namespaces are drawn in place of their nodes. */
  get afar(): boolean {
    const { nodes = [], folded } = this.#graph ?? {};
    return !folded && this.cy.zoom() < spacesBelow && nodes.length >= spacesFrom && this.framed;
  }

  get places(): Places {
    return this.#places;
  }

  get curves(): ReadonlyMap<string, Curve> {
    return this.#curves;
  }

  /** How far a node or an edge has come: 0 to 1, while it fades in. @param now of `performance.now()`. */
  presence(id: string, now: number): number {
    return this.#still ? 1 : Math.min(1, Math.max(0, (now - (this.#born.get(id) ?? now)) / fade));
  }

  /** Shows this graph: nobody jumps, new ones fade in, gone ones fade out. Resolves when it stands. */
  show(graph: Graph, boxes: Boxes = noBoxes): Promise<void> {
    this.#busy = this.#busy.then(() => this.#show(graph, boxes));
    return this.#busy;
  }

  async #show(graph: Graph, boxes: Boxes): Promise<void> {
    if (this.cy.destroyed()) return;
    const changed = JSON.stringify([boxes, graph.folded?.namespaces]);
    const other = changed !== this.#frames;
    this.#frames = changed;
    this.#boxes = boxes;
    const known = graph.nodes.filter((n) => this.#places.has(n.id)).length;
    const pairs = pairsOf(graph);
    const fresh = other || known * 2 < graph.nodes.length || (!this.#arranged && pairs > 2 * this.#pairs);
    if (fresh) this.#pairs = pairs;
    const places = fresh ? await this.#layOut(graph) : placeNew(graph, this.#places);
    if (this.cy.destroyed()) return;
    this.#places = new Map([...this.#places, ...places]);
    this.#graph = graph;
    this.#spaces = new Set(graph.nodes.map((n) => n.namespace)).size;
    this.cy.batch(() => {
      this.#sync(graph);
      if (fresh) this.#settle(graph);
    });
    if (fresh) this.camera.open();
    else this.camera.follow();
    if (fresh && this.#selected !== undefined) this.camera.reveal(this.#selected, this.#covered);
    this.#events.onDraw();
  }

  /** Where the layout cannot run (its worker was refused, say), a rule of thumb is better than no graph. */
  #layOut(graph: Graph): Promise<Places> {
    return layOut(graph, this.camera.aspect, this.#boxes).catch((error: unknown) => {
      console.warn("the layout did not run; nodes are placed by rule of thumb", error);
      return placeNew(graph, new Map());
    });
  }

  #sync(graph: Graph): void {
    const ids = new Set([...graph.nodes.map((n) => n.id), ...graph.edges.map((e) => e.id)]);
    const gone = this.cy.elements().filter((element) => !ids.has(element.id()));
    gone.remove();
    for (const known of [this.#curves, this.#born]) for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    for (const node of graph.nodes) this.#node(node);
    const lanes = lanesOf(graph.edges);
    for (const edge of graph.edges) this.#edge(edge, lanes.get(edge.id) ?? 0);
  }

  #node(node: GraphNode): void {
    const position = { ...(this.#places.get(node.id) ?? { x: 0, y: 0 }) };
    if (this.cy.getElementById(node.id).nonempty()) return;
    this.cy.add({ group: "nodes", data: { id: node.id, width: plateWidth(node) }, position });
    this.#born.set(node.id, performance.now());
  }

  #edge(edge: GraphEdge, lane: number): void {
    const source = this.#ending(edge.source);
    const target = this.#ending(edge.target);
    if (!source || !target) return;
    const curve = curveBetween(source, target, lane);
    const before = this.#curves.get(edge.id);
    if (before && sameCurve(before, curve)) return;
    this.#curves.set(edge.id, curve);
    const known = this.cy.getElementById(edge.id);
    if (known.nonempty()) {
      known.scratch("weft", { curve });
      // cytoscape works out the style of an element again when its data changes, not its scratch
      known.data("drawn", (Number(known.data("drawn")) || 0) + 1);
      return;
    }
    this.cy.add({
      group: "edges",
      data: { id: edge.id, source: edge.source, target: edge.target },
      scratch: { weft: { curve } },
    });
    this.#born.set(edge.id, performance.now());
  }

  #ending(id: string): Ending | undefined {
    const place = this.#places.get(id);
    return place && { ...place, width: Number(this.cy.getElementById(id).data("width") ?? plate.width) };
  }

  /** Marks a node or an edge as chosen and brings it into what is not covered. */
  select(id: string | undefined, coveredRight: number): void {
    this.#selected = id;
    this.#covered = coveredRight;
    if (id !== undefined) this.camera.reveal(id, coveredRight);
    this.#events.onDraw();
  }

  /** Lays everything out anew. */
  async tidy(): Promise<void> {
    const graph = this.#graph;
    if (!graph) return;
    this.#arranged = false;
    this.#places = await this.#layOut(graph);
    this.#settle(graph);
    this.#route();
    this.camera.fit();
  }

  /** Puts every node where it belongs now. */
  #settle(graph: Graph): void {
    for (const node of graph.nodes) {
      const place = this.#places.get(node.id);
      if (place) this.cy.getElementById(node.id).position({ ...place });
    }
  }

  /** The page's colours have changed. */
  repaint(): void {
    this.palette = readPalette();
    this.#events.onDraw();
  }

  resize(): void {
    this.cy.resize();
    if (this.#graph) this.camera.follow();
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
    this.cy.on("cxttap taphold", "node", (event: EventObject) =>
      this.#events.onMenu?.(event.target.id() as string, event.renderedPosition),
    );
    this.cy.on("dbltap", "node", (event: EventObject) => this.#events.onEnter?.(event.target.id() as string));
    this.cy.on("mouseover", "node, edge", (event: EventObject) => this.#hover(event.target.id() as string));
    this.cy.on("mouseout", "node, edge", () => this.#hover(undefined));
    this.cy.on("drag", "node", (event: EventObject) => {
      const node = event.target as cytoscape.NodeSingular;
      this.#arranged = true;
      this.#places = new Map(this.#places).set(node.id(), { ...node.position() });
      this.#route();
    });
  }

  #hover(id: string | undefined): void {
    this.#hovered = this.afar ? undefined : id;
    const box = this.cy.container();
    if (box) box.style.cursor = this.#hovered === undefined ? "" : "pointer";
    this.#events.onDraw();
  }

  #tap(event: EventObject): void {
    if (this.afar) this.#enter(event.position);
    else if (event.target === this.cy) this.#events.onBackground();
    else if (event.target.isNode()) this.#events.onNode(event.target.id() as string);
    else this.#events.onEdge(event.target.id() as string);
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
    this.camera.enter(
      this.cy.filter((element) => inside.has(element.id())),
      spacesBelow * 1.15,
    );
  }
}
