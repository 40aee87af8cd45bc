import type { Resource } from "../../model/resource.ts";
import type { Findings } from "./finding.ts";

/** Light checks of the Kubernetes kinds that the mesh reads: the types of the parts that it reads. */
export function checkCore(_resource: Resource, _root: Findings): void {}
