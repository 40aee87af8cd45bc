import type { Analyzer, FindingCode } from "../finding.ts";
import { ambientHosts } from "./ambient-hosts.ts";
import { ambientPolicies } from "./ambient-policies.ts";
import { ambientWorkloads } from "./ambient-workloads.ts";
import { alphaAnnotations, annotations } from "./annotations.ts";
import { authorizationPolicies } from "./authorization-policies.ts";
import { authorizationPrincipals } from "./authorization-principals.ts";
import { authorizers, provenIdentities } from "./authorization-proof.ts";
import { authorizationRules } from "./authorization-rules.ts";
import { conditions } from "./conditions.ts";
import { definitions } from "./definitions.ts";
import { applicationUser, blockedCidrs, deploymentServices } from "./deployments.ts";
import { deprecations } from "./deprecations.ts";
import { destinationHosts } from "./destination-hosts.ts";
import { destinationRuleOverlaps } from "./destination-rule-overlaps.ts";
import { destinationCertificates, destinationRuleSubsets } from "./destination-rules.ts";
import { destinationSubsets } from "./destination-subsets.ts";
import { envoyFilters } from "./envoy-filters.ts";
import { fallbackConflicts, fallbackHosts } from "./fallbacks.ts";
import { foreignHosts } from "./foreign-hosts.ts";
import { gatewayApiGateways } from "./gateway-api-gateways.ts";
import { gatewayApiOverlaps } from "./gateway-api-overlaps.ts";
import { gatewayApiRoutes } from "./gateway-api-routes.ts";
import { gatewayCertificates, gatewayConflicts } from "./gateway-conflicts.ts";
import { gatewaySelectors } from "./gateway-selectors.ts";
import { gatewayPorts, gatewaySecrets } from "./gateway-workloads.ts";
import { injected } from "./injection.ts";
import { imageAuto, injectionWebhooks } from "./injection-webhooks.ts";
import { jwtClaims } from "./jwt-claims.ts";
import { meshHosts } from "./mesh-hosts.ts";
import { meshNetworks } from "./mesh-networks.ts";
import { namespaceReferences } from "./namespace-references.ts";
import { peerAuthenticationCallers, peerAuthenticationConflicts } from "./peer-authentications.ts";
import { compressionConflicts, compressionSelectors, rateLimitSelectors, rateLimitShadows } from "./policies.ts";
import { proxyImages } from "./proxy-images.ts";
import { serviceEntryOverlaps } from "./service-entry-overlaps.ts";
import { servicePorts } from "./service-ports.ts";
import { portNames, serviceEntryAddresses, serviceEntryProtocols } from "./services.ts";
import { sidecarReach } from "./sidecar-reach.ts";
import {
  sidecarDefaults,
  sidecarSelectors,
  telemetryDefaults,
  telemetryProviders,
  telemetrySelectors,
} from "./telemetries.ts";
import { uncoveredWorkloads } from "./uncovered-workloads.ts";
import { virtualServiceGateways } from "./virtual-service-gateways.ts";
import { virtualServiceRules } from "./virtual-service-rules.ts";
import { externalControlPlane } from "./webhooks.ts";
import { widePolicies, wideRules } from "./wide-mtls.ts";
import { workloadGroups } from "./workload-groups.ts";
import { workloadSelectors } from "./workload-selectors.ts";

/** Every analyser, by istioctl's name. */
export const analyzers: readonly Analyzer[] = [
  alphaAnnotations,
  annotations,
  applicationUser,
  authorizationPolicies,
  authorizers,
  blockedCidrs,
  compressionConflicts,
  compressionSelectors,
  conditions,
  deploymentServices,
  destinationCertificates,
  destinationHosts,
  destinationRuleSubsets,
  destinationSubsets,
  envoyFilters,
  externalControlPlane,
  foreignHosts,
  gatewayApiGateways,
  gatewayApiRoutes,
  fallbackConflicts,
  fallbackHosts,
  gatewayCertificates,
  gatewayConflicts,
  gatewayPorts,
  gatewaySecrets,
  injected,
  jwtClaims,
  meshHosts,
  peerAuthenticationCallers,
  peerAuthenticationConflicts,
  portNames,
  provenIdentities,
  rateLimitSelectors,
  rateLimitShadows,
  serviceEntryAddresses,
  serviceEntryProtocols,
  sidecarDefaults,
  sidecarSelectors,
  telemetryDefaults,
  telemetryProviders,
  telemetrySelectors,
  virtualServiceGateways,
  authorizationPrincipals,
  authorizationRules,
  destinationRuleOverlaps,
  gatewayApiOverlaps,
  namespaceReferences,
  serviceEntryOverlaps,
  servicePorts,
  sidecarReach,
  uncoveredWorkloads,
  virtualServiceRules,
  widePolicies,
  wideRules,
  workloadGroups,
  workloadSelectors,
  ambientHosts,
  ambientPolicies,
  ambientWorkloads,
  definitions,
  deprecations,
  gatewaySelectors,
  imageAuto,
  injectionWebhooks,
  meshNetworks,
  proxyImages,
];

/** The codes that some analyser tells. */
export const toldCodes: ReadonlySet<FindingCode> = new Set(analyzers.flatMap((a) => [...a.codes, ...(a.also ?? [])]));
