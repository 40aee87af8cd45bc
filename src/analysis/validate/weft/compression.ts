import type { CompressionSpec } from "../../../gen/weft/compression.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkHosts, checkPaths } from "./request.ts";

/** Rules for a Compression that its schema cannot say. */
export function checkCompression(resource: Resource, root: Findings): void {
  const { except = [] } = resource.spec as CompressionSpec;
  except.forEach(({ hosts, paths }, i) => {
    checkHosts(hosts, root.at("spec", "except", i, "hosts"));
    checkPaths(paths, root.at("spec", "except", i, "paths"));
  });
}
