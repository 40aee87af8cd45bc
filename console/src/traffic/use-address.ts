import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import type { TrafficSearch } from "./search.ts";

/** Changes what the address says of the graph; the page stays where it is. */
export function useAddress(): (change: TrafficSearch) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...change }) as never }),
    [navigate],
  );
}
