import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { certificateReference, type ObjectRef, referenced, rootsReference } from "../security/references.ts";
import { mayRefer, typeIn } from "./grants.ts";

/** Why a reference to a certificate or to roots cannot be followed: a reason of the specification's condition `ResolvedRefs`. */
export interface ReferenceFault {
  readonly reason: "InvalidCertificateRef" | "InvalidCACertificateRef" | "InvalidCACertificateKind" | "RefNotPermitted";
  /** A sentence without a full stop. */
  readonly message: string;
}

/** A reference as Gateway API's objects write it. */
export interface SaidReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
}

/** The name by which a router asks for a certificate that an object names, or why it has none. */
export function certificateOf(scope: Scope, from: Ref, said: SaidReference): string | ReferenceFault {
  const to = target(from, said, "Secret");
  if (to.type !== types.Secret)
    return { reason: "InvalidCertificateRef", message: `a certificate cannot be of kind ${to.type}` };
  if (!mayRefer(scope, from, to)) return notPermitted(to);
  const name = certificateReference(to);
  if (scope.ask(referenced, name) === undefined)
    return {
      reason: "InvalidCertificateRef",
      message: `there is no Secret ${to.namespace}/${to.name} with tls.crt and tls.key`,
    };
  return name;
}

/** Where roots are: what an object names, if it is there and may be named. */
export function rootsOf(scope: Scope, from: Ref, said: SaidReference): ObjectRef | ReferenceFault {
  const to = target(from, said, "ConfigMap");
  if (to.type !== types.ConfigMap && to.type !== types.Secret)
    return { reason: "InvalidCACertificateKind", message: `CA certificates cannot be of kind ${to.type}` };
  if (!mayRefer(scope, from, to)) return notPermitted(to);
  if (scope.ask(referenced, rootsReference([to])) === undefined)
    return {
      reason: "InvalidCACertificateRef",
      message: `there is no ${to.type} ${to.namespace}/${to.name} with ca.crt`,
    };
  return to;
}

/** Whether that is a fault and no answer. */
export function isReferenceFault(found: string | ObjectRef | ReferenceFault): found is ReferenceFault {
  return typeof found !== "string" && "reason" in found;
}

function target(from: Ref, { group = "", kind, namespace, name }: SaidReference, usual: string): ObjectRef {
  return { type: typeIn(group, kind ?? usual), namespace: namespace ?? from.namespace, name };
}

function notPermitted(to: ObjectRef): ReferenceFault {
  return {
    reason: "RefNotPermitted",
    message: `no ReferenceGrant in namespace ${to.namespace} lets it refer to ${to.type} ${to.name} there`,
  };
}
