import { useComputedColorScheme } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from "react";
import type { Point } from "./geometry.ts";
import { GraphTools } from "./graph-tools.tsx";
import { Layers } from "./layers.ts";
import type { Picture } from "./picture.ts";
import { Stage } from "./stage.ts";
import { spoken, stepFrom } from "./steps.ts";

interface GraphViewProps {
  readonly picture: Picture;
  /** Changes when the whole should be brought into sight again. */
  readonly scope: string;
  /** Nothing flows in this time. */
  readonly quiet: boolean;
  readonly selected: string | undefined;
  /** Pixels at the right that a drawer covers. */
  readonly covered: number;
  readonly onNode: (id: string) => void;
  readonly onEdge: (id: string) => void;
  readonly onBackground: () => void;
  /** Two clicks on a node. */
  readonly onEnter?: (id: string) => void;
  /** A second button on a node; where, in pixels of the graph. */
  readonly onMenu?: (id: string, at: Point) => void;
  /** Without tools and legend, as a small picture in a page. */
  readonly small?: boolean;
  /** What lies over the graph and needs it. */
  readonly children?: (drawn: Drawn) => ReactNode;
}

export interface Drawn {
  readonly stage: Stage;
  readonly layers: Layers;
}

/** The graph: pointer, wheel and keys. For those who hear it, it is a list of nodes. */
export function GraphView(props: GraphViewProps): ReactElement {
  const { graph } = props.picture;
  const host = useRef<HTMLDivElement>(null);
  const { drawn, stands } = useDrawn(host, props);
  const [focused, setFocused] = useState<string>();
  useEffect(() => {
    if (!drawn) return;
    drawn.layers.focused = focused;
    drawn.layers.ask();
  }, [drawn, focused]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!drawn || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = stepFrom(graph, drawn.stage.places, focused, event.key);
    if (event.shiftKey && event.key.startsWith("Arrow")) panBy(drawn.stage, event.key);
    else if (next !== undefined) {
      setFocused(next);
      drawn.stage.select(props.selected, props.covered);
    } else if (event.key === "ContextMenu" && focused !== undefined) {
      const at = drawn.stage.cy.getElementById(focused).renderedPosition();
      props.onMenu?.(focused, at);
    } else if (event.key === "Enter" && focused !== undefined) props.onNode(focused);
    else if (!command(drawn.stage, event.key)) return;
    event.preventDefault();
  };
  return (
    <div className="graph">
      <div
        className="graph-keys"
        role="listbox"
        tabIndex={0}
        aria-label="Traffic graph"
        aria-describedby="graph-help"
        aria-busy={!stands}
        aria-activedescendant={focused === undefined ? undefined : `node-${focused}`}
        onKeyDown={onKeyDown}
        onBlur={() => setFocused(undefined)}
      >
        <div className="graph-stage" ref={host} aria-hidden="true" />
        <div className="heard-only">
          {graph.nodes.map((node) => (
            // biome-ignore lint/a11y/useFocusableInteractive: pointed at by aria-activedescendant
            <div key={node.id} id={`node-${node.id}`} role="option" aria-selected={node.id === props.selected}>
              {spoken(node, graph)}
            </div>
          ))}
        </div>
      </div>
      <p id="graph-help" className="heard-only">
        Arrows go from node to node, Enter opens one, plus and minus zoom, zero shows everything, Shift with arrows
        moves the view, the menu key shows what can be done with a node.
      </p>
      {props.quiet && <NoRequests />}
      {!stands && <Waiting nodes={graph.nodes.length} />}
      {drawn && !props.small && <GraphTools stage={drawn.stage} />}
      {drawn && props.children?.(drawn)}
    </div>
  );
}

/** The mesh stands, but nobody has asked it anything. */
function NoRequests(): ReactElement {
  return (
    <p className="graph-quiet">
      No request in this time. To make some: <code>npx weft load</code>
    </p>
  );
}

/** A large graph takes a moment to be laid out; a small one is there before anybody could read this. */
function Waiting({ nodes }: { readonly nodes: number }): ReactElement | null {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return late ? <p className="graph-waiting quiet">Laying out {nodes} nodes</p> : null;
}

function command(stage: Stage, key: string): boolean {
  if (key === "+" || key === "=") stage.camera.zoomBy(1.25);
  else if (key === "-") stage.camera.zoomBy(0.8);
  else if (key === "0") stage.camera.fit();
  else if (key === "l") void stage.tidy();
  else return false;
  return true;
}

function panBy(stage: Stage, key: string): void {
  const step = 80;
  stage.camera.panBy(
    key === "ArrowLeft" ? step : key === "ArrowRight" ? -step : 0,
    key === "ArrowUp" ? step : key === "ArrowDown" ? -step : 0,
  );
}

/** Keeps stage and layers in step with what the page says. */
function useDrawn(
  host: RefObject<HTMLDivElement | null>,
  props: GraphViewProps,
): { readonly drawn: Drawn | undefined; readonly stands: boolean } {
  const [drawn, setDrawn] = useState<Drawn>();
  const still = useReducedMotion(undefined, { getInitialValueInEffect: false });
  const colours = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const onNode = useEffectEvent(props.onNode);
  const onEdge = useEffectEvent(props.onEdge);
  const onBackground = useEffectEvent(props.onBackground);
  const onEnter = useEffectEvent((id: string) => props.onEnter?.(id));
  const onMenu = useEffectEvent((id: string, at: Point) => props.onMenu?.(id, at));
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const stageBox = box.appendChild(document.createElement("div"));
    let layers: Layers | undefined;
    const events = {
      onNode: (id: string) => onNode(id),
      onEdge: (id: string) => onEdge(id),
      onBackground: () => onBackground(),
      onEnter: (id: string) => onEnter(id),
      onMenu: (id: string, at: Point) => onMenu(id, at),
      onDraw: () => layers?.ask(),
    };
    const stage = new Stage(stageBox, events, still);
    const canvas = () => box.appendChild(document.createElement("canvas"));
    layers = new Layers(stage, { edges: canvas(), dots: canvas(), plates: canvas() }, still);
    const watch = new ResizeObserver(() => stage.resize());
    watch.observe(box);
    setDrawn({ stage, layers });
    return () => {
      watch.disconnect();
      layers?.destroy();
      stage.destroy();
      box.replaceChildren();
    };
  }, [host, still]);
  return { drawn, stands: useShown(drawn, props, colours) };
}

/** @returns whether a graph stands there. */
function useShown(drawn: Drawn | undefined, props: GraphViewProps, colours: string): boolean {
  const [stands, setStands] = useState(false);
  const { picture, selected, covered, scope } = props;
  const { graph, shown } = picture;
  const [namespaces, apps] = [shown.has("namespaces"), shown.has("apps")];
  const shownScope = useRef(scope);
  useEffect(() => {
    if (!drawn) return;
    void drawn.stage.show(graph, { namespaces, apps }).then(() => {
      setStands(true);
      if (shownScope.current === scope) return;
      shownScope.current = scope;
      drawn.stage.camera.fit();
    });
  }, [drawn, graph, scope, namespaces, apps]);
  useEffect(() => {
    drawn?.layers.dress(picture);
  }, [drawn, picture]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the theme changes
  useEffect(() => {
    if (!drawn) return;
    const frame = requestAnimationFrame(() => drawn.stage.repaint());
    return () => cancelAnimationFrame(frame);
  }, [drawn, colours]);
  useEffect(() => {
    drawn?.stage.select(selected, covered);
  }, [drawn, selected, covered]);
  return stands;
}
