import { create } from "@bufbuild/protobuf";
import { type Secret, SecretSchema } from "../../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import type { Proxy as MeshProxy } from "../../model/proxy.ts";
import { viewOf } from "../../plan/client-view.ts";
import { type GatewayServer, tlsRole } from "../../plan/gateway/server.ts";
import { gatewayServers } from "../../plan/gateway/servers.ts";
import { type Credential, credentialOf, rootsName, serverCredentials } from "../../plan/security/credential.ts";
import { isOfRoots, isReference, referenced } from "../../plan/security/references.ts";
import { type Claimant, vouchedLabels } from "../../plan/security/vouched-labels.ts";
import { viewKey } from "../../plan/view.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { clusterMentions } from "./clusters.ts";
import { encoded, sameResource, sameSet, setOf } from "./encoded.ts";

/**
 * What decides which credentials a proxy may have. Namespace and ServiceAccount are those of its verified identity: others' Secrets are out of
 * reach, and so are those of gateways that it only says it is.
 */
interface ClaimKey extends Claimant {
  readonly kind: MeshProxy["kind"];
}

/** The credentials of a proxy with a verified identity, by the labels that it has for sure. Key: `credentialsKey`. */
export const credentialSet: Step<ResourceSet> = {
  name: "discovery/credentials",
  run: (scope, key) => {
    const { kind, ...claimant } = JSON.parse(key) as ClaimKey;
    const { namespace } = claimant;
    const vouched = vouchedLabels(scope, claimant);
    const proxy = { kind, namespace, labels: vouched ?? claimant.labels };
    const chosen: CredentialsKey = { namespace, proxy, keys: vouched !== undefined };
    return scope.ask(chosenCredentials, JSON.stringify(chosen));
  },
  same: sameSet,
};

interface CredentialsKey {
  readonly namespace: string;
  /** Whether it may have private keys; roots are no secret. */
  readonly keys: boolean;
  readonly proxy: Pick<MeshProxy, "kind" | "namespace" | "labels">;
}

/** The credentials that gateways and destinations name for such a proxy, as far as its namespace has them. Key: JSON of `CredentialsKey`. */
const chosenCredentials: Step<ResourceSet> = {
  name: "discovery/chosenCredentials",
  run: (scope, key) => {
    const { namespace, proxy, keys } = JSON.parse(key) as CredentialsKey;
    const may = (name: string) => keys || isOfRoots(name);
    const named = [...ofClusters(scope, proxy), ...(proxy.kind === "router" ? ofGateways(scope, proxy) : [])];
    const own = [...new Set(named)]
      .filter(may)
      .sort()
      .map((name) => scope.ask(encodedCredential, `${namespace}/${name}`));
    const others = [...ofPolicies(scope, proxy), ...(proxy.kind === "router" ? ofListeners(scope, proxy) : [])];
    return setOf([
      ...own,
      ...[...new Set(others)]
        .filter(may)
        .sort()
        .map((name) => scope.ask(encodedReference, name)),
    ]);
  },
  same: sameSet,
};

/** The key of `credentialSet` for a proxy; undefined without a verified identity. */
export function credentialsKey({ identity, kind, name, labels }: MeshProxy): string | undefined {
  if (identity === undefined) return undefined;
  const { namespace, serviceAccount } = identity;
  const key: ClaimKey = { namespace, name, serviceAccount, kind, labels };
  return JSON.stringify(key);
}

// A set is compared by reference, so the same two make the same one.
const both = new WeakMap<ResourceSet, WeakMap<ResourceSet, ResourceSet>>();

/** The mesh's own secrets of a proxy and its named ones as one set; undefined where there is none of both. */
export function bothSecrets(own: ResourceSet | undefined, named: ResourceSet): ResourceSet | undefined {
  if (named.resources.size === 0) return own;
  if (own === undefined) return named;
  const known = both.get(own) ?? new WeakMap<ResourceSet, ResourceSet>();
  const found = known.get(named) ?? { resources: new Map([...named.resources, ...own.resources]) };
  both.set(own, known.set(named, found));
  return found;
}

function ofClusters(scope: Scope, proxy: CredentialsKey["proxy"]): readonly string[] {
  const { credentials } = scope.ask(clusterMentions, viewKey(viewOf(scope, proxy)));
  return credentials.flatMap(({ name, mutual }) => [rootsName(name), ...(mutual ? [name] : [])]);
}

/** Names that the plan itself made of references of BackendTLSPolicies. */
function ofPolicies(scope: Scope, proxy: CredentialsKey["proxy"]): readonly string[] {
  return scope.ask(clusterMentions, viewKey(viewOf(scope, proxy))).references;
}

function ofGateways(scope: Scope, proxy: CredentialsKey["proxy"]): readonly string[] {
  return ofServers(scope, proxy, (takes) => takes !== "Route");
}

/** Names that the plan itself made of references of Gateway API's objects, each found to be permitted; of any namespace. */
function ofListeners(scope: Scope, proxy: CredentialsKey["proxy"]): readonly string[] {
  return ofServers(scope, proxy, (takes) => takes === "Route").filter(isReference);
}

function ofServers(
  scope: Scope,
  { namespace, labels }: CredentialsKey["proxy"],
  which: (takes: GatewayServer["takes"]) => boolean,
): readonly string[] {
  return scope.ask(gatewayServers, JSON.stringify({ namespace, labels })).flatMap((server) => {
    if (!which(server.takes)) return [];
    if (server.tls === undefined || tlsRole(server) !== "end") return [];
    const { certificates, roots } = serverCredentials(server.tls);
    return [...certificates, ...(roots === undefined ? [] : [roots])];
  });
}

/** Key: `namespace/name`. */
const encodedCredential: Step<XdsResource | undefined> = {
  name: "discovery/credential",
  run: (scope, key) => {
    const credential = scope.ask(credentialOf, key);
    if (credential === undefined) return undefined;
    const name = `kubernetes://${key.slice(key.indexOf("/") + 1)}`;
    return encoded(SecretSchema, name, secret(name, credential), [credential.at]);
  },
  same: sameResource,
};

/** Key: a name that `isReference`. */
const encodedReference: Step<XdsResource | undefined> = {
  name: "discovery/referencedCredential",
  run: (scope, name) => {
    const credential = scope.ask(referenced, name);
    return credential && encoded(SecretSchema, name, secret(name, credential), [credential.at]);
  },
  same: sameResource,
};

function secret(name: string, credential: Credential): Secret {
  if (credential.kind === "roots") {
    const { roots, revoked } = credential;
    const value = { trustedCa: inline(roots), ...(revoked ? { crl: inline(revoked) } : {}) };
    return create(SecretSchema, { name, type: { case: "validationContext", value } });
  }
  const { chain, key, staple } = credential;
  const value = {
    certificateChain: inline(chain),
    privateKey: inline(key),
    ...(staple ? { ocspStaple: inline(staple) } : {}),
  };
  return create(SecretSchema, { name, type: { case: "tlsCertificate", value } });
}

function inline(value: Uint8Array) {
  return { specifier: { case: "inlineBytes" as const, value } };
}
