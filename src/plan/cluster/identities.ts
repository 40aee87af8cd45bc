import { spiffeId } from "../../model/identity.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { endpointsWithMtls } from "./mtls.ts";
import type { Identity } from "./tls.ts";

/** Who may answer for a service. */
export interface Identities {
  readonly identities: readonly Identity[];
  /** Whether all endpoints take mTLS; true while there is none. */
  readonly allMtls: boolean;
  /** Whether there is an endpoint. */
  readonly some: boolean;
}

/**
 * Secure naming: the identities of a service's endpoints, ready or not, of all subsets, in each of the mesh's trust domains. Key: `endpointsKey`.
 * While a service has no endpoint, any identity of its namespace: a certificate of another namespace never passes, not even before the first endpoint is known.
 */
export const serviceIdentities: Step<Identities> = {
  name: "plan/serviceIdentities",
  run: (scope, key) => {
    const { trustDomain, trustDomainAliases } = scope.ask(mesh, "");
    const trustDomains = [...new Set([trustDomain, ...trustDomainAliases])];
    const all = scope.ask(endpointsWithMtls, key);
    const accounts = new Set<string>();
    for (const { workload } of all)
      if (workload.serviceAccount !== "") accounts.add(`${workload.namespace}/${workload.serviceAccount}`);
    const exact = [...accounts].sort().flatMap((account) => {
      const [namespace, serviceAccount] = account.split("/") as [string, string];
      return trustDomains.map((domain) => ({ exact: spiffeId({ trustDomain: domain, namespace, serviceAccount }) }));
    });
    const ofNamespace = trustDomains.map((domain) => ({ prefix: `spiffe://${domain}/ns/${key.split("|")[1]}/sa/` }));
    return {
      identities: exact.length > 0 ? exact : ofNamespace,
      allMtls: all.every((e) => e.mtls),
      some: all.length > 0,
    };
  },
};
