import type { FrontendTLSValidation, GatewaySpec, Listener } from "../../gen/gateway-api/gateway.ts";
import type { ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import type { Scope } from "../../track/scope.ts";
import { rootsReference } from "../security/references.ts";
import type { ListenerFault, ListenerProtocol } from "./listener-fault.ts";
import { certificateOf, isReferenceFault, rootsOf } from "./references.ts";

/** Option of Istio's: how a listener verifies clients by the roots in its own Secret, or by the mesh's. */
const modeOption = "gateway.istio.io/tls-terminate-mode";

/** How a listener ends TLS or hands it on. */
export interface ListenerTls {
  readonly tls?: ServerTLSSettings;
  readonly faults: readonly ListenerFault[];
  /** Whether enough is there to serve. */
  readonly serves: boolean;
}

/** TLS of a listener of `holder`, which is the Gateway or one of its ListenerSets. */
export function listenerTls(
  scope: Scope,
  gateway: Resource<GatewaySpec>,
  holder: Ref,
  { tls, port }: Listener,
  protocol: ListenerProtocol,
  path: FieldPath,
): ListenerTls {
  if (protocol !== "HTTPS" && protocol !== "TLS") return { faults: [], serves: true };
  const at = [...path, "tls"];
  if (tls?.mode === "Passthrough") {
    if (protocol === "TLS") return { tls: { mode: "PASSTHROUGH" }, faults: [], serves: true };
    const message = "a listener of HTTPS must end TLS";
    return { faults: [{ condition: "Accepted", reason: "UnsupportedValue", message, path: at }], serves: false };
  }
  const mode = tls?.options?.[modeOption];
  if (mode === "ISTIO_MUTUAL") return { tls: { mode }, faults: [], serves: true };
  const found = (tls?.certificateRefs ?? []).map((said) => certificateOf(scope, holder, said));
  const names = found.filter((f): f is string => !isReferenceFault(f));
  const faults = found.flatMap((f, i): readonly ListenerFault[] =>
    isReferenceFault(f)
      ? [{ condition: "ResolvedRefs", ...f, path: [...at, "certificateRefs", i], partial: names.length > 0 }]
      : [],
  );
  if (names.length === 0) {
    const message = "it has no certificate to end TLS with";
    const none: ListenerFault = { condition: "ResolvedRefs", reason: "InvalidCertificateRef", message, path: at };
    return { faults: faults.length > 0 ? faults : [none], serves: false };
  }
  const simple: ServerTLSSettings = { mode: "SIMPLE", credentialNames: names };
  if (mode === "MUTUAL" || mode === "OPTIONAL_MUTUAL") {
    const own = (tls?.certificateRefs ?? []).find((_, i) => !isReferenceFault(found[i] ?? ""));
    return byOwnRoots(scope, holder, own, { ...simple, mode }, { faults, path: [...at, "certificateRefs"] });
  }
  const validation = protocol === "HTTPS" ? validationFor(gateway.spec, port) : undefined;
  return validation === undefined
    ? { tls: simple, faults, serves: true }
    : withValidation(scope, gateway, simple, validation, faults);
}

/** Clients are verified by `ca.crt` of the listener's first Secret. */
function byOwnRoots(
  scope: Scope,
  holder: Ref,
  secret: { readonly name: string; readonly namespace?: string } | undefined,
  tls: ServerTLSSettings,
  { faults, path }: { readonly faults: readonly ListenerFault[]; readonly path: FieldPath },
): ListenerTls {
  const roots = rootsOf(scope, holder, { name: "", ...secret, kind: "Secret" });
  if (isReferenceFault(roots))
    return { faults: [...faults, { condition: "ResolvedRefs", ...roots, path }], serves: false };
  return { tls: { ...tls, caCertCredentialName: rootsReference([roots]) }, faults, serves: true };
}

interface FoundValidation {
  readonly validation: FrontendTLSValidation;
  readonly path: FieldPath;
}

/** What a port says of clients' certificates counts alone; else what is said of all. */
function validationFor({ tls }: GatewaySpec, port: number): FoundValidation | undefined {
  const frontend: FieldPath = ["spec", "tls", "frontend"];
  const perPort = tls?.frontend?.perPort ?? [];
  const index = perPort.findIndex((p) => p.port === port);
  const validation = index < 0 ? tls?.frontend?.default.validation : perPort[index]?.tls.validation;
  if (validation === undefined) return undefined;
  const path = index < 0 ? [...frontend, "default"] : [...frontend, "perPort", index, "tls"];
  return { validation, path: [...path, "validation", "caCertificateRefs"] };
}

function withValidation(
  scope: Scope,
  { type, namespace, name }: Ref,
  simple: ServerTLSSettings,
  { validation, path }: FoundValidation,
  before: readonly ListenerFault[],
): ListenerTls {
  const found = validation.caCertificateRefs.map((said) => rootsOf(scope, { type, namespace, name }, said));
  const roots = found.flatMap((f) => (isReferenceFault(f) ? [] : [f]));
  const faults = [
    ...before,
    ...found.flatMap((f, i): readonly ListenerFault[] =>
      isReferenceFault(f) ? [{ condition: "ResolvedRefs", ...f, path: [...path, i], partial: roots.length > 0 }] : [],
    ),
  ];
  if (roots.length === 0) {
    const message = "none of the CA certificates that clients shall be verified by is there";
    return {
      faults: [...faults, { condition: "Accepted", reason: "NoValidCACertificate", message, path }],
      serves: false,
    };
  }
  const verified = { ...simple, caCertCredentialName: rootsReference(roots) };
  if (validation.mode !== "AllowInsecureFallback")
    return { tls: { ...verified, mode: "MUTUAL" }, faults, serves: true };
  return { tls: { ...verified, mode: "OPTIONAL_MUTUAL", insecureSkipVerify: true }, faults, serves: true };
}
