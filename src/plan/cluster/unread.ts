import type { Step } from "../../track/scope.ts";
import { metricsSaid, type Unread, unreadByCallers } from "../listener/unread.ts";
import { endpointsWithMtls } from "./mtls.ts";

const none: Unread = { http1: false, http2: false };

/** What all endpoints of a service's port pass on unread; nothing while there is none. Key: `endpointsKey`. */
export const unreadAtEndpoints: Step<Unread> = {
  name: "plan/unreadAtEndpoints",
  run: (scope, key) => {
    if (!scope.ask(metricsSaid, "")) return none;
    const found = scope.ask(endpointsWithMtls, key);
    if (found.length === 0 || !found.every((e) => e.mtls)) return none;
    const workloads = new Set(
      found.map(({ workload, labels }) => JSON.stringify({ namespace: workload.namespace, labels })),
    );
    let [http1, http2] = [true, true];
    for (const workload of workloads) {
      const passed = scope.ask(unreadByCallers, workload);
      http1 &&= passed.http1;
      http2 &&= passed.http2;
      if (!http1) return none;
    }
    return { http1, http2 };
  },
};
