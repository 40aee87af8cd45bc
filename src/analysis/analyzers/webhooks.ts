import type { Resource } from "../../model/resource.ts";
import { isIP } from "../../std/ip.ts";
import { listAll } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, report } from "../finding.ts";

const validating = "ValidatingWebhookConfiguration.admissionregistration.k8s.io";
const mutating = "MutatingWebhookConfiguration.admissionregistration.k8s.io";

interface Webhook {
  readonly name?: string;
  readonly clientConfig?: { readonly url?: string | null; readonly service?: unknown };
}

/** Webhooks of Istio that call a control plane outside of the cluster. Names are not looked up: an analysis asks nobody. */
export const externalControlPlane: Analyzer = {
  name: "externalcontrolplane.ExternalControlPlaneAnalyzer",
  description: "Checks that the remote IstioOperator resources reference an external control plane",
  inputs: [validating, mutating],
  codes: ["IST0163", "IST0164"],
  step: forAll("externalControlPlane", (scope) => [
    ...listAll(scope, validating)
      .filter(({ name }) => name === "istiod-default-validator" || name.startsWith("istio-validator"))
      .flatMap(checkWebhooks),
    ...listAll(scope, mutating)
      .filter(({ name }) => name.startsWith("istio-sidecar-injector"))
      .flatMap(checkWebhooks),
  ]),
};

function checkWebhooks(resource: Resource): Finding[] {
  const hooks = resource.data?.["webhooks"];
  if (!Array.isArray(hooks)) return [];
  return (hooks as readonly (Webhook | null)[]).flatMap((hook, i) => {
    const name = hook?.name ?? "";
    const config = hook?.clientConfig ?? {};
    const url = config.url ?? "";
    const place = (fix: string) => ({ path: ["webhooks", i, "clientConfig"], fix });
    if (url === "") {
      if (config.service !== undefined && config.service !== null) return [];
      return [report(resource, "IST0163", ["", name, "is blank"], place("write the control plane's https:// address"))];
    }
    if (!URL.canParse(url))
      return [
        report(
          resource,
          "IST0163",
          [url, name, "was provided in an invalid format"],
          place("write an https:// address"),
        ),
      ];
    const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
    return isIP(host) === 0 ? [] : [report(resource, "IST0164", [url, name], place("write a host name"))];
  });
}
