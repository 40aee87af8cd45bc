// Made by scripts/refresh-crds.mjs from sigs.k8s.io/gateway-api v1.7.0 (Apache-2.0), gateway.networking.k8s.io/v1; do not edit.
/** Spec defines the desired state of GatewayClass. */
export interface GatewayClassSpec {
  /** ControllerName is the name of the controller that is managing Gateways of this class. The value of this field MUST be a domain prefixed path. */
  readonly controllerName: string;
  /** Description helps describe a GatewayClass with more details. */
  readonly description?: string;
  /** ParametersRef is a reference to a resource that contains the configuration parameters corresponding to the GatewayClass. This is optional if the controller does not require any additional configuration. */
  readonly parametersRef?: GatewayClassParametersRef;
}

/** ParametersRef is a reference to a resource that contains the configuration parameters corresponding to the GatewayClass. This is optional if the controller does not require any additional configuration. */
export interface GatewayClassParametersRef {
  /** Group is the group of the referent. */
  readonly group: string;
  /** Kind is kind of the referent. */
  readonly kind: string;
  /** Name is the name of the referent. */
  readonly name: string;
  /** Namespace is the namespace of the referent. This field is required when referring to a Namespace-scoped resource and MUST be unset when referring to a Cluster-scoped resource. */
  readonly namespace?: string;
}
