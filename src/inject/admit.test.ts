import { describe, expect, test } from "vitest";
import { empty } from "../model/snapshot.ts";
import { type AdmissionReview, admitPod } from "./admit.ts";
import type { InjectContext } from "./context.ts";
import { defaultSettings } from "./settings.ts";
import { applyPatch } from "./testdata/apply-patch.ts";

const context: InjectContext = {
  settings: defaultSettings,
  snapshot: empty,
  revision: "default",
  installNamespace: "istio-system",
};

const review = (object: object, namespace = "default"): AdmissionReview => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: { uid: "705ab4f5-6393-11e8-b7cc-42010a800002", namespace, operation: "CREATE", object },
});

const pod = (metadata: object = {}, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", ...metadata },
  spec: { containers: [{ name: "web", image: "web:1" }], ...spec },
});

describe("the webhook", () => {
  test("answers with a patch that makes the injected Pod; asked about that one it changes nothing", () => {
    const { review: answer, outcome } = admitPod(review(pod()), context);
    expect(outcome).toBe("injected");
    expect(answer).toMatchObject({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: "705ab4f5-6393-11e8-b7cc-42010a800002", allowed: true, patchType: "JSONPatch" },
    });
    const patch = JSON.parse(Buffer.from(answer.response.patch ?? "", "base64").toString());
    const made = applyPatch(pod(), patch) as ReturnType<typeof pod>;
    expect(made).toMatchObject({
      spec: { initContainers: [{ name: "istio-init" }, { name: "istio-proxy", restartPolicy: "Always" }] },
    });
    expect(admitPod(review(made), context)).toMatchObject({
      review: { response: { allowed: true } },
      outcome: "left",
      why: "it has a proxy already",
    });
    expect(admitPod(review(made), context).review.response.patch).toBeUndefined();
  });

  test("lets EnvoyFilters have the last word on the bootstrap, for the Pod's namespace", () => {
    const bootstrapOverride: InjectContext["bootstrapOverride"] = (made, { namespace }) => ({
      ...made,
      header_prefix: `x-${namespace}`,
    });
    const { review: answer } = admitPod(review(pod(), "shop"), { ...context, bootstrapOverride });
    const patch = Buffer.from(answer.response.patch ?? "", "base64").toString();
    expect(patch).toContain(String.raw`\"header_prefix\":\"x-shop\"`);
  });

  test("refuses a Pod whose annotation cannot be followed, naming annotation and value", () => {
    const annotations = {
      "traffic.sidecar.istio.io/includeOutboundIPRanges": "10.0.0.0/40",
      "sidecar.istio.io/interceptionMode": "TPROXY",
    };
    const { review: answer } = admitPod(review(pod({ annotations })), context);
    expect(answer.response).toMatchObject({ allowed: false, status: { code: 400, reason: "BadRequest" } });
    expect(answer.response.status?.message).toBe(
      'weft: the Pod cannot have a sidecar: annotation traffic.sidecar.istio.io/includeOutboundIPRanges: "10.0.0.0/40" has "10.0.0.0/40", which is no range; write "10.0.0.0/8,192.168.1.1/32"; annotation sidecar.istio.io/interceptionMode: "TPROXY" is refused: it would need NET_ADMIN in the proxy; REDIRECT captures the same traffic',
    );
  });

  test("warns of annotations without an effect", () => {
    const annotations = { "sidecar.istio.io/agentLogLevel": "debug" };
    expect(admitPod(review(pod({ annotations })), context).review.response.warnings).toEqual([
      "annotation sidecar.istio.io/agentLogLevel has no effect: no agent runs beside Envoy; Envoy's level is sidecar.istio.io/logLevel",
    ]);
  });

  test.each<[string, object, string]>([
    ["the host's network", pod({}, { hostNetwork: true }), "default"],
    ["kube-system", pod(), "kube-system"],
    ["the mesh's own namespace", pod(), "istio-system"],
    ["a Pod that says no", pod({ labels: { "sidecar.istio.io/inject": "false" } }), "default"],
    ["ambient mode", pod({ labels: { "istio.io/dataplane-mode": "ambient" } }), "default"],
  ])("leaves alone: %s", (_, object, namespace) => {
    const { review: answer, outcome } = admitPod(review(object, namespace), context);
    expect(outcome).toBe("left");
    expect(answer.response).toEqual({ uid: "705ab4f5-6393-11e8-b7cc-42010a800002", allowed: true });
  });

  test("a cluster without native sidecars is refused in words", () => {
    const old = admitPod(review(pod()), { ...context, kubernetes: { major: 1, minor: 28 } });
    expect(old.why).toContain("Kubernetes 1.28 has no native sidecars");
  });

  test("what is no review throws", () => {
    expect(() => admitPod({ kind: "Pod" }, context)).toThrow("not an AdmissionReview");
  });
});
