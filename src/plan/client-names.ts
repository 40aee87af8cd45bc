import type { Step } from "../track/scope.ts";
import { viewOf } from "./client-view.ts";
import { meshNames } from "./names.ts";
import { viewerOf } from "./view.ts";

/** Names as a sidecar's workload knows them: of what it sees. Key: JSON of `namespace` and `labels`. */
export const clientNames: Step<ReadonlyMap<string, readonly string[]>> = {
  name: "plan/clientNames",
  run: (scope, key) => {
    const client = JSON.parse(key) as { namespace: string; labels: Record<string, string> };
    return scope.ask(meshNames, viewerOf(viewOf(scope, { kind: "sidecar", ...client })));
  },
};
