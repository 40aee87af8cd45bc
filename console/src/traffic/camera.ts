import type { CollectionReturnValue, Core } from "cytoscape";
import { around, type Point } from "./geometry.ts";

const move = 140;
const padding = 28;
const largest = 1.1;
/** Height that the tools at the bottom take. */
const tools = 64;
/** The smallest zoom at which words can be read; a graph of many nodes is looked at as a whole all the same. */
const readable = 0.55;
const manyNodes = 40;

/** What of the graph is in sight. It follows the graph until somebody moves it. */
export class Camera {
  readonly #cy: Core;
  readonly #still: boolean;
  /** Somebody has moved or zoomed, so the view is theirs. */
  #theirs = false;

  /** @param still no motion. */
  constructor(cy: Core, still: boolean) {
    this.#cy = cy;
    this.#still = still;
    cy.on("scrollzoom dragpan pinchzoom", () => {
      this.#theirs = true;
    });
  }

  get aspect(): number {
    return this.#cy.width() / Math.max(1, this.#cy.height());
  }

  /** Everything in sight, as long as nobody moved the view. */
  follow(): void {
    if (!this.#theirs) this.open();
  }

  /** As much in sight as can be read; of a folded graph, what is open of it: where everything would be too small, the callers, at the left. */
  open(): void {
    const unfolded = this.#cy.nodes().filter((n) => !n.id().startsWith("namespace/"));
    if (unfolded.nonempty() && unfolded.length < this.#cy.nodes().length) {
      this.enter(unfolded, 0.1);
      return;
    }
    this.fit();
    if (this.#cy.zoom() >= readable || this.#cy.nodes().length > manyNodes) return;
    const box = this.#cy.elements().boundingBox({});
    this.#cy.zoom(readable);
    this.#cy.pan({ x: padding - box.x1 * readable, y: this.#cy.height() / 2 - ((box.y1 + box.y2) / 2) * readable });
  }

  /** Everything in sight, above the tools at the bottom. */
  fit(): void {
    this.#theirs = false;
    const nodes = this.#cy.nodes();
    if (nodes.empty()) return;
    const box = nodes.boundingBox({});
    const room = { width: this.#cy.width() - 2 * padding, height: this.#cy.height() - padding - tools };
    const zoom = Math.max(this.#cy.minZoom(), Math.min(largest, room.width / box.w, room.height / box.h));
    this.#cy.viewport({
      zoom,
      pan: {
        x: padding + room.width / 2 - ((box.x1 + box.x2) / 2) * zoom,
        y: padding + room.height / 2 - ((box.y1 + box.y2) / 2) * zoom,
      },
    });
  }

  zoomBy(factor: number): void {
    this.#theirs = true;
    const middle = { x: this.#cy.width() / 2, y: this.#cy.height() / 2 };
    this.#cy.zoom({ level: this.#cy.zoom() * factor, renderedPosition: middle });
  }

  panBy(x: number, y: number): void {
    this.#theirs = true;
    this.#cy.panBy({ x, y });
  }

  /**
   * Moves the view just so far that an element is in sight.
   * @param covered pixels at the right that something lies over.
   */
  reveal(id: string, covered: number): void {
    const element = this.#cy.getElementById(id);
    if (element.empty()) return;
    const box = element.renderedBoundingBox({});
    const by: Point = {
      x: outside(box.x1, box.x2, this.#cy.width() - covered),
      y: outside(box.y1, box.y2, this.#cy.height()),
    };
    if (by.x === 0 && by.y === 0) return;
    if (this.#still) this.#cy.panBy({ ...by });
    else this.#cy.animate({ panBy: { ...by } }, { duration: move });
  }

  /** Goes to some nodes, no further off than `least`. */
  enter(eles: CollectionReturnValue, least: number): void {
    const box = around(
      eles.nodes().map((n) => n.position()),
      padding,
    );
    if (!box) return;
    this.#theirs = true;
    const zoom = Math.max(least, Math.min(1, this.#cy.width() / box.width, this.#cy.height() / box.height));
    if (!this.#still) return void this.#cy.animate({ zoom, center: { eles } }, { duration: move });
    this.#cy.zoom(zoom);
    this.#cy.center(eles);
  }
}

const edge = 24;

/** How far a stretch must move to lie inside 0 to `size`. */
function outside(from: number, to: number, size: number): number {
  if (to > size - edge) return size - edge - to;
  return from < edge ? edge - from : 0;
}
