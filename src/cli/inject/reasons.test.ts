import { expect, test } from "vitest";
import type { WebhookConfiguration } from "../kube/webhooks.ts";
import { webhookVerdicts } from "./reasons.ts";

const injector = (revision: string, key: string, value: string): WebhookConfiguration => ({
  kind: "MutatingWebhookConfiguration",
  metadata: { name: `weft-sidecar-injector-${revision}`, labels: { "istio.io/rev": revision } },
  webhooks: [
    {
      name: "namespace",
      clientConfig: {},
      namespaceSelector: { matchExpressions: [{ key, operator: "In", values: [value] }] },
      objectSelector: { matchExpressions: [{ key: "sidecar.istio.io/inject", operator: "NotIn", values: ["false"] }] },
    },
  ],
});
const all = [injector("default", "istio-injection", "enabled"), injector("next", "istio.io/rev", "next")];

test.each([
  [{ "istio-injection": "enabled" }, {}, ["namespace label istio-injection=enabled", undefined]],
  [{ "istio.io/rev": "next" }, {}, [undefined, "namespace label istio.io/rev=next"]],
  [{ "istio-injection": "enabled" }, { "sidecar.istio.io/inject": "false" }, [undefined, undefined]],
  [{}, {}, [undefined, undefined]],
])("in a namespace with %j a Pod with %j is taken by %j", (namespace, pod, reasons) => {
  const verdicts = webhookVerdicts(all, namespace, pod);
  expect(verdicts.map(({ injected, reason }) => (injected ? reason : undefined))).toEqual(reasons);
  for (const { reason } of verdicts) expect(reason).not.toBe("");
});
