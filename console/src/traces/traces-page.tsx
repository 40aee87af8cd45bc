import { getRouteApi, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { TracesView } from "./traces-view.tsx";

const route = getRouteApi("/traces");

/** Single requests on their way through the mesh. */
export function TracesPage(): ReactElement {
  const asked = route.useSearch();
  const navigate = useNavigate();
  const { id } = useParams({ strict: false }) as { readonly id?: string };
  const { workload, service, edge } = asked;
  const about = workload ?? service ?? (edge && edgeWords(edge));
  const of = workload ? { node: `workload/${workload}` } : edge ? { edge } : undefined;
  return (
    <>
      <TracesView
        asked={asked}
        onAsked={(change) => void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...change }) })}
        onOpen={(trace) => void navigate({ to: "/traces/$id", params: { id: trace }, search: true })}
        selected={id}
        {...(about ? { about } : {})}
        {...(of ? { of } : {})}
        tools={
          about && (
            <button
              type="button"
              className="plain-button chip"
              aria-label={`Traces of ${about}; show those of everything`}
              onClick={() =>
                void navigate({
                  to: ".",
                  search: (before) => ({ ...before, workload: undefined, service: undefined, edge: undefined }),
                })
              }
            >
              {about} ×
            </button>
          )
        }
      />
      <Outlet />
    </>
  );
}

/** `productpage-v1 → reviews-v2`. */
function edgeWords(id: string): string {
  const [from = "", to = ""] = id.split(">").map((end) => end.split("/").at(-1) ?? end);
  return `${from} → ${to}`;
}
