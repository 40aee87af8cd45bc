import { type ComponentProps, lazy, type ReactElement, Suspense } from "react";
import { Skeleton } from "../notes/notes.tsx";
import type { MiniGraph } from "./mini-graph.tsx";

const Loaded = lazy(() => import("./mini-graph.tsx").then((m) => ({ default: m.MiniGraph })));

/** The mini graph, with its libraries fetched when it is first shown. For every detail page. */
export function LazyMiniGraph(props: ComponentProps<typeof MiniGraph>): ReactElement {
  return (
    <Suspense fallback={<Skeleton />}>
      <Loaded {...props} />
    </Suspense>
  );
}
