import { describe, expect, test } from "vitest";
import { captureRules, proxyUser } from "../../src/agent/capture.ts";
import { decide } from "../../src/cni/decision.ts";
import type { InjectContext } from "../../src/inject/context.ts";
import { injectPod } from "../../src/inject/inject-pod.ts";
import type { Pod } from "../../src/inject/pod.ts";
import { defaultSettings, type InjectionSettings } from "../../src/inject/settings.ts";
import { empty } from "../../src/model/snapshot.ts";

/** A Pod as the injector makes it. */
function injected(settings: Partial<InjectionSettings>, annotations: Record<string, string> = {}): Pod {
  const context: InjectContext = {
    settings: { ...defaultSettings, ...settings },
    snapshot: empty,
    revision: "default",
    installNamespace: "istio-system",
  };
  const pod = { metadata: { name: "web", annotations }, spec: { containers: [{ name: "web", image: "web:1" }] } };
  const made = injectPod(pod, { namespace: "shop", drainKey: "key" }, context);
  if (!("pod" in made)) throw new Error(JSON.stringify(made));
  return made.pod;
}

const decision = (pod: Pod) => decide(pod.metadata?.annotations ?? {});
const startup = (pod: Pod) => pod.spec?.initContainers?.find(({ name }) => name === "istio-proxy")?.startupProbe;

describe("what the node's plugin reads of a Pod that was injected", () => {
  test("is redirected by it where the setting is cni, and needs no privilege; else by its init container", () => {
    const pod = injected({ capture: "cni" });
    expect(decision(pod)).toEqual({ redirect: true });
    expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual(["istio-proxy"]);
    expect(JSON.stringify(pod)).not.toContain("NET_ADMIN");
    expect(decision(injected({ capture: "init" })).redirect).toBe(false);
  });

  test("a gateway and a Pod without interception are left alone", () => {
    expect(decision(injected({ capture: "cni" }, { "inject.istio.io/templates": "gateway" })).redirect).toBe(false);
    const none = injected({ capture: "cni" }, { "sidecar.istio.io/interceptionMode": "NONE" });
    expect(decision(none).redirect).toBe(false);
    expect(startup(none)).toHaveProperty("httpGet");
  });

  test("its rules are those that an init container would load, settings of the mesh included", () => {
    const traffic = { excludeOutboundPorts: "9000", includeOutboundIPRanges: "10.0.0.0/8" };
    const said = { "traffic.sidecar.istio.io/excludeOutboundPorts": "5432" };
    const annotations = injected({ capture: "cni", traffic }, said).metadata?.annotations ?? {};
    const loaded = injected({ capture: "init", traffic }, said).spec?.initContainers?.[0]?.args;
    expect([captureRules({ proxy: "sidecar", own: { uid: proxyUser }, annotations })]).toEqual(loaded);
  });
});

describe("a Pod whose node may have no plugin yet", () => {
  const port = (annotations: Record<string, string>) =>
    startup(injected({ capture: "cni" }, annotations))?.tcpSocket?.port;
  const inbound = (name: string, value: string) => ({ [`traffic.sidecar.istio.io/${name}`]: value });

  test("starts its application once a port answers that only redirection makes answer", () => {
    expect(port({})).toBe(15002);
    expect(port(inbound("excludeInboundPorts", "15002,15003"))).toBe(15004);
    expect(port(inbound("includeInboundPorts", "8080,9090"))).toBe(8080);
    expect(port({ ...inbound("includeInboundPorts", "8080,9090"), ...inbound("excludeInboundPorts", "8080") })).toBe(
      9090,
    );
  });

  test("starts as others do where nothing comes in by the proxy, or an init container redirects it", () => {
    expect(startup(injected({ capture: "cni" }, inbound("includeInboundPorts", "")))).toHaveProperty("httpGet");
    expect(startup(injected({ capture: "init" }))).toHaveProperty("httpGet");
  });
});
