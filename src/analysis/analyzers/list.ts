import type { Analyzer } from "../finding.ts";
import type { IstioCode } from "../messages.ts";
import { destinationHosts } from "./destination-hosts.ts";
import { destinationSubsets } from "./destination-subsets.ts";
import { meshHosts } from "./mesh-hosts.ts";
import { virtualServiceGateways } from "./virtual-service-gateways.ts";

/** Every analyser, by istioctl's name. */
export const analyzers: readonly Analyzer[] = [meshHosts, destinationHosts, destinationSubsets, virtualServiceGateways];

/** The codes that some analyser tells. */
export const toldCodes: ReadonlySet<IstioCode> = new Set(analyzers.flatMap((a) => a.codes));
