import { useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { titleOf } from "./title.ts";

/** Calls the tab what the page is. */
export function useTitle(): void {
  const title = useRouterState({
    select: ({ matches, location }) => {
      const { fullPath = "/", params = {}, search = {} } = matches.at(-1) ?? {};
      const path = fullPath === "/" ? location.pathname : fullPath;
      return titleOf({ path, params, search: search as Readonly<Record<string, unknown>> });
    },
  });
  useEffect(() => {
    document.title = title;
  }, [title]);
}
