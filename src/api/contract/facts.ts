/** `GET /api/v1/facts[?namespaces=a,b]`: the names that forms and completion offer. */
export interface ConfigFacts {
  readonly namespaces: readonly string[];
  /** Of the asked namespaces, by namespace and name; at most 2,000. */
  readonly services: readonly FactService[];
  /** How many services were left out. */
  readonly servicesLeft: number;
  /** Pods' kinds by what they are called together; at most 2,000. */
  readonly workloads: readonly FactWorkload[];
  /** Istio's Gateways and Gateway API's. */
  readonly gateways: readonly FactRef[];
  readonly gatewayClasses: readonly string[];
  readonly trustDomain: string;
  /** Objects there are for the whole mesh. */
  readonly rootNamespace: string;
  /** Where a change is written: beside the files of a machine, or by a cluster's API server, as who asks. `nowhere`: this control plane changes nothing. */
  readonly writes: "overlay" | "cluster" | "nowhere";
}

export interface FactRef {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
}

export interface FactService {
  /** `reviews.default.svc.cluster.local`, `api.example.com`. */
  readonly host: string;
  readonly kind: "Service" | "ServiceEntry";
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly FactPort[];
  /** Versions of its workloads, where they say one. */
  readonly versions: readonly FactVersion[];
  /** VirtualServices and DestinationRules for its host, from its own namespace. */
  readonly rules: readonly FactRef[];
}

export interface FactPort {
  readonly number: number;
  readonly name: string;
  /** `http`, `grpc`, `tcp`, ...; `unsupported`: it says nothing, and is looked at as it comes. */
  readonly protocol: string;
}

export interface FactVersion {
  readonly name: string;
  /** What selects it among the service's endpoints. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface FactWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
}
