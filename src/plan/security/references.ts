import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { type Credential, certificate, roots, rootsName } from "./credential.ts";

/** A Secret or ConfigMap. */
export type ObjectRef = Ref;

// Names of secrets that no user's object can say: a proxy gets one only where a reference to it was found to be permitted.
const certificateScheme = "kubernetes-gateway://";
const rootsScheme = "kubernetes-ca://";

/** The name by which proxies ask for the certificate in a Secret of any namespace: Istio's, `kubernetes-gateway://shop/tls`. */
export function certificateReference({ namespace, name }: ObjectRef): string {
  return `${certificateScheme}${namespace}/${name}`;
}

/** The name by which proxies ask for the roots of several objects together: `kubernetes-ca://ConfigMap/shop/roots`. */
export function rootsReference(all: readonly ObjectRef[]): string {
  return rootsScheme + all.map(({ type, namespace, name }) => `${type}/${namespace}/${name}`).join(",");
}

/**
 * CA certificates of the operating system. They have no kind of their own: a source tells them as this one object, as stock Envoy checks names in
 * a certificate only against roots that it is given.
 */
export const systemRoots: ObjectRef = { type: "SystemRoots", namespace: "", name: "system" };

/** Whether a name is one of these. */
export function isReference(name: string): boolean {
  return name.startsWith(certificateScheme) || name.startsWith(rootsScheme);
}

/** Whether a name is of roots alone, which are no secret: anybody may have them. */
export function isOfRoots(name: string): boolean {
  return name.startsWith(rootsScheme) || (!isReference(name) && rootsName(name) === name);
}

/** What such a name stands for; undefined where one of its objects does not hold what is meant. Key: the name. */
export const referenced: Step<Credential | undefined> = {
  name: "plan/referencedCredential",
  run: (scope, key) => {
    if (key.startsWith(certificateScheme)) {
      const [namespace = "", name = ""] = key.slice(certificateScheme.length).split("/");
      const found = certificate(scope.get({ type: types.Secret, namespace, name }));
      return found?.kind === "certificate" && isPem(found.chain, "CERTIFICATE") && isPem(found.key, "PRIVATE KEY")
        ? found
        : undefined;
    }
    const all = key
      .slice(rootsScheme.length)
      .split(",")
      .map((text) => {
        const [type = "", namespace = "", name = ""] = text.split("/");
        return roots(scope.get({ type, namespace, name }));
      });
    const found = all.flatMap((r) => (r?.kind === "roots" && isPem(r.roots, "CERTIFICATE") ? [r] : []));
    const [first] = found;
    if (first === undefined || found.length < all.length) return undefined;
    const revoked = found.flatMap((r) => r.revoked ?? []);
    return {
      ...{ kind: "roots", roots: joined(found.map((r) => r.roots)), at: first.at },
      ...(revoked.length > 0 ? { revoked: joined(revoked) } : {}),
    };
  },
};

function isPem(bytes: Uint8Array, what: string): boolean {
  const text = Buffer.from(bytes).toString("latin1");
  return text.includes("-----BEGIN ") && text.includes(`${what}-----`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const newline = new Uint8Array([10]);
  return new Uint8Array(Buffer.concat(parts.flatMap((part) => [part, newline])));
}
