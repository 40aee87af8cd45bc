import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { InjectionAnswer, InjectionChange } from "../../../src/api/contract/injection.ts";
import { post } from "../api/client.ts";

/** Looks at what a change of injection would do, or makes it; then the mesh is asked anew. */
export function useInjecting(dryRun: boolean) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: InjectionChange) =>
      post<InjectionAnswer>(`injection${dryRun ? "?dryRun" : ""}`, JSON.stringify(change), {
        contentType: "application/json",
      }),
    onSuccess: () => (dryRun ? undefined : client.invalidateQueries()),
  });
}
