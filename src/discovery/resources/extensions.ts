import type { Step } from "../../track/scope.ts";
import type { ResourceSet } from "../../xds/resource.ts";
import { authorizationSet } from "./authorization.ts";
import { sameSet, setOf } from "./encoded.ts";
import { policySet } from "./policies.ts";

/** All filters of a workload's or gateway's listeners that come by discovery. Key: JSON of `AuthorizationKey`. */
export const extensionSet: Step<ResourceSet> = {
  name: "discovery/extensions",
  run: (scope, key) => {
    const sets = [scope.ask(authorizationSet, key), scope.ask(policySet, key)];
    return setOf(sets.flatMap((set) => [...set.resources.values()]));
  },
  same: sameSet,
};
