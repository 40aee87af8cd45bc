import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admitPod } from "../../src/inject/admit.ts";
import { injectPod } from "../../src/inject/inject-pod.ts";
import type { Container, Pod } from "../../src/inject/pod.ts";
import { defaultSettings } from "../../src/inject/settings.ts";
import { applyPatch } from "../../src/inject/testdata/apply-patch.ts";
import { empty } from "../../src/model/snapshot.ts";
import { expand } from "./kubelet.ts";

const settings = fc.record({
  capture: fc.constantFrom("init" as const, "cni" as const),
  traffic: fc.constantFrom({}, { excludeOutboundPorts: "3306" }),
});
const context = (some: object) => ({
  ...{ settings: { ...defaultSettings, ...some }, snapshot: empty, revision: "default" },
  installNamespace: "istio-system",
});

/** Texts that a user may write anywhere, some of which mean something to the kubelet, to JSON or to a patch. */
const text = fc.oneof(
  fc.string(),
  fc.constantFrom("$(POD_NAME)", "$$(POD_NAME)", "$", "a/b~c", '"', "\\", "{}", "é\u2028"),
);
const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const texts = fc.dictionary(fc.oneof(name, fc.constantFrom("app", "version", "weft.dev/x", "x.istio.io/y~z")), text, {
  maxKeys: 4,
});
const port = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constant("http"));
const probe = fc.oneof(
  fc.record({ httpGet: fc.record({ port, path: text }, { requiredKeys: ["port"] }), periodSeconds: fc.nat(60) }),
  fc.record({ tcpSocket: fc.record({ port }) }),
  fc.record({ grpc: fc.record({ port: fc.integer({ min: 1, max: 65_535 }), service: text }) }),
  fc.record({ exec: fc.record({ command: fc.array(text) }) }),
);
const container = fc.record(
  {
    name,
    image: text,
    args: fc.array(text),
    env: fc.array(fc.record({ name, value: text }), { maxLength: 2 }),
    ports: fc.array(fc.record({ name: fc.constant("http"), containerPort: fc.integer({ min: 1, max: 65_535 }) }), {
      maxLength: 1,
    }),
    readinessProbe: probe,
    livenessProbe: probe,
    startupProbe: probe,
    lifecycle: fc.record({ preStop: probe, postStart: probe }, { requiredKeys: [] }),
    other: text,
  },
  { requiredKeys: ["name"] },
);
const containers = fc.uniqueArray(container, { selector: (each) => each.name, minLength: 1, maxLength: 4 });
const pods = fc.record({
  metadata: fc.record({ name, labels: texts, annotations: texts, other: text }, { requiredKeys: ["name"] }),
  spec: fc.record(
    {
      containers,
      initContainers: containers,
      volumes: fc.uniqueArray(fc.record({ name }), { selector: (v) => v.name }),
      other: text,
    },
    { requiredKeys: ["containers"] },
  ),
}) as fc.Arbitrary<Pod>;

const request = { namespace: "shop", drainKey: "key" };

function made(pod: Pod, some: object): Pod {
  const injected = injectPod(pod, request, context(some));
  if (!("pod" in injected)) throw new Error(JSON.stringify(injected));
  return injected.pod;
}

/** All but what injection may change: probes and hooks. */
const kept = ({ readinessProbe, livenessProbe, startupProbe, lifecycle, ...rest }: Container) => rest;

describe("any Pod", () => {
  test("keeps what its user wrote", () => {
    fc.assert(
      fc.property(pods, settings, (pod, some) => {
        const { metadata, spec } = made(pod, some);
        expect(metadata).toMatchObject({ ...pod.metadata });
        expect(spec?.containers?.map(kept)).toEqual(pod.spec?.containers?.map(kept));
        const own = spec?.initContainers?.filter((each) => !["istio-init", "istio-proxy"].includes(each.name)) ?? [];
        expect(own.map(kept)).toEqual((pod.spec?.initContainers ?? []).map(kept));
        expect(spec?.volumes).toEqual(expect.arrayContaining([...(pod.spec?.volumes ?? [])]));
        expect({ ...spec, containers: 0, initContainers: 0, volumes: 0 }).toEqual({
          ...pod.spec,
          containers: 0,
          initContainers: 0,
          volumes: 0,
        });
      }),
    );
  });

  test("injected twice is as injected once, and the patch makes what injection makes", () => {
    fc.assert(
      fc.property(pods, settings, (pod, some) => {
        const before = structuredClone(pod);
        const once = made(pod, some);
        expect(pod).toEqual(before);
        expect(injectPod(once, request, context(some))).toEqual({ left: "it has a proxy already" });
        const review = { kind: "AdmissionReview", request: { uid: "u", namespace: "shop", object: pod } };
        const { patch = "" } = admitPod(review, context(some)).review.response;
        const patched = applyPatch(pod, JSON.parse(Buffer.from(patch, "base64").toString())) as Pod;
        expect(kinds(patched)).toEqual(kinds(once));
      }),
    );
  });

  test("has a bootstrap that is JSON once the kubelet has put its variables in, with the user's texts as they were", () => {
    fc.assert(
      fc.property(pods, settings, (pod, some) => {
        const proxy = made(pod, some).spec?.initContainers?.find((each) => each.name === "istio-proxy");
        const config = proxy?.args?.[proxy.args.indexOf("--config-yaml") + 1] ?? "";
        const variables = Object.fromEntries((proxy?.env ?? []).map((each) => [each.name, "value"]));
        const { node } = JSON.parse(expand(config, variables)) as {
          node: { id: string; metadata: { LABELS: object } };
        };
        expect(node.id).toBe("sidecar~value~value.value~value.svc.cluster.local");
        expect(node.metadata.LABELS).toMatchObject({ ...pod.metadata?.labels });
      }),
    );
  });
});

/** Without what the drain key is part of, and the user that follows from it: the webhook's comes from the request. */
function kinds(pod: Pod): unknown {
  const text = JSON.stringify(pod).replaceAll(/\/drain\/\w+/g, "/drain/key");
  return JSON.parse(text.replaceAll(/"runAsUser":[34]\d{4}/g, '"runAsUser":30000'));
}
