import { create } from "@bufbuild/protobuf";
import { type RetryPolicy, RetryPolicySchema } from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { PreviousHostsPredicateSchema } from "../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.js";
import { PreviousPrioritiesConfigSchema } from "../../gen/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb.js";
import type { Retry } from "../../plan/route/retry.ts";
import { duration, packed } from "../any.ts";

/** How often a host that was tried is drawn again before Envoy takes it after all; Istio's figure. */
const drawsForAnotherHost = 5n;

/** Retries after which the next locality's turn comes; Istio's figure. */
const retriesPerPriority = 2;

/** The retries of a route. */
export function retryPolicy(retry: Retry): RetryPolicy {
  return create(RetryPolicySchema, {
    retryOn: retry.on.join(","),
    numRetries: retry.attempts,
    retriableStatusCodes: [...retry.statusCodes],
    hostSelectionRetryMaxAttempts: drawsForAnotherHost,
    ...(retry.perTryTimeoutMs === undefined ? {} : { perTryTimeout: duration(retry.perTryTimeoutMs) }),
    // Envoy takes nothing below 1 ms.
    ...(retry.backoffMs === undefined
      ? {}
      : { retryBackOff: { baseInterval: duration(Math.max(1, retry.backoffMs)) } }),
    ...(retry.avoidPreviousHosts ? { retryHostPredicate: [otherHosts] } : {}),
    ...(retry.nextInOrder
      ? { retryPriority: nextInOrder }
      : retry.remoteLocalities
        ? { retryPriority: otherLocalities }
        : {}),
  });
}

const otherHosts = {
  name: "envoy.retry_host_predicates.previous_hosts",
  configType: {
    case: "typedConfig" as const,
    value: packed(PreviousHostsPredicateSchema, {}),
  },
};

const otherLocalities = otherPriorities(retriesPerPriority);

/** Of a Fallback's clusters, each is one or more priorities: the next retry goes to the next. */
const nextInOrder = otherPriorities(1);

function otherPriorities(updateFrequency: number) {
  return {
    name: "envoy.retry_priorities.previous_priorities",
    configType: {
      case: "typedConfig" as const,
      value: packed(PreviousPrioritiesConfigSchema, { updateFrequency }),
    },
  };
}
