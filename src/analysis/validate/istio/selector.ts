import type { Findings } from "../finding.ts";

type Labels = Readonly<Record<string, string>>;

/** What a policy is for: workloads by label, or objects by reference. */
export interface Target {
  readonly selector?: { readonly matchLabels?: Labels };
  readonly targetRef?: TargetRef;
  readonly targetRefs?: readonly TargetRef[];
}

interface TargetRef {
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const allowedRefs = [
  { group: "", kind: "Service", shown: "core/v1/Service" },
  { group: "networking.istio.io", kind: "ServiceEntry", shown: "networking.istio.io/v1/ServiceEntry" },
  { group: "gateway.networking.k8s.io", kind: "Gateway", shown: "gateway.networking.k8s.io/v1/Gateway" },
  { group: "gateway.networking.k8s.io", kind: "GatewayClass", shown: "gateway.networking.k8s.io/v1/GatewayClass" },
];

/** Checks selector, targetRef and targetRefs of a policy. `found` is at `spec`. */
export function checkTarget({ selector, targetRef, targetRefs }: Target, found: Findings): void {
  const set = [selector !== undefined, targetRef !== undefined, (targetRefs?.length ?? 0) > 0].filter(Boolean).length;
  if (set > 1)
    found.error("only one of targetRefs or workloadSelector can be set", "remove the selector or the targetRefs");
  checkSelector(selector?.matchLabels, selector !== undefined, found.at("selector"));
  if (targetRef) checkTargetRef(targetRef, found.at("targetRef"));
  targetRefs?.forEach((ref, i) => void checkTargetRef(ref, found.at("targetRefs", i)));
}

function checkTargetRef(ref: TargetRef, found: Findings): void {
  if (ref.name === "") found.at("name").error("targetRef name must be set");
  if ((ref.namespace ?? "") !== "") {
    found
      .at("namespace")
      .error("targetRef namespace must not be set; cross namespace referencing is not supported", "remove it");
  }
  const group = ref.group === "core" ? "" : (ref.group ?? "");
  if (!allowedRefs.some((a) => a.group === group && a.kind === ref.kind)) {
    found.error(
      `targetRef must be to one of [${allowedRefs.map((a) => a.shown).join(" ")}] but was ${ref.group ?? ""}/${ref.kind}`,
    );
  }
}

/** Checks labels that select workloads: no wildcards, no empty keys. Without labels it selects all, which Istio warns of. */
export function checkSelector(labels: Labels | undefined, isSet: boolean, found: Findings, whose?: string): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (key === "") found.error(`empty key is not supported in selector: "${key}=${value}"`, "write a label's key");
    if (key.includes("*") || value.includes("*"))
      found.error(`wildcard is not supported in selector: "${key}=${value}"`, "write the whole label");
  }
  if (isSet && Object.keys(labels ?? {}).length === 0) {
    const all = whose === undefined ? "" : ", will be applied to all services in namespace";
    found.warn(
      `${whose === undefined ? "" : `${whose}: `}workload selector specified without labels${all}`,
      "write labels, or leave the selector out",
    );
  }
}
