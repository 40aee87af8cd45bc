import type { Protocol } from "./protocol.ts";

/** A service that the mesh knows, whatever object described it. */
export interface Service {
  /** Full name: `reviews.default.svc.cluster.local`, `api.example.com`, `*.example.com`. */
  readonly host: string;
  readonly namespace: string;
  /** Name of the object. */
  readonly name: string;
  readonly kind: "Service" | "ServiceEntry";
  /** Virtual addresses; empty for headless services and for ServiceEntries without one. An address may be a CIDR. */
  readonly addresses: readonly string[];
  readonly ports: readonly ServicePort[];
  /** How endpoints are found. `static`: the mesh knows them; `dns`, `dns-round-robin`: the proxy resolves; `none`: the address that was called. */
  readonly resolution: "static" | "dns" | "dns-round-robin" | "dynamic-dns" | "none";
  readonly headless: boolean;
  /** Outside of the mesh: never mTLS by default, metrics name it as external. */
  readonly external: boolean;
  readonly exportTo: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Pod labels that select its endpoints; absent for services whose endpoints are listed. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly subjectAltNames: readonly string[];
  /** ServiceAccounts are not known here: identities come with endpoints. */
  readonly createdAt: number;
  /** Which endpoints are preferred: `PreferClose`, `PreferSameZone`, ...; of the Service's spec or Istio's annotation. */
  readonly trafficDistribution?: string;
  /** Its endpoints count whether they are ready or not. */
  readonly publishNotReady?: boolean;
  /** Names of all ServiceEntries of its namespace that say it together, the oldest first; absent where one says it alone. */
  readonly entries?: readonly string[];
  /** A DNS name with several addresses: the first that answers a connection is taken. */
  readonly racesAddresses?: boolean;
  /** An ExternalName service stands for this host. */
  readonly alias?: string;
  /** Type of the object: `Service`, `ServiceEntry.networking.istio.io`. */
  readonly type: string;
  /** `Service default/reviews`. */
  readonly ref: string;
  /** `reviews.yaml:14:1`. */
  readonly at: string;
}

export interface ServicePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
  /** Port at the endpoint: a number, or the name of a container port. */
  readonly targetPort: number | string;
}
