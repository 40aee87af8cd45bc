import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesClient, kubernetesClient } from "../../../src/kubernetes/client.ts";
import { KubernetesError } from "../../../src/kubernetes/error.ts";
import { types } from "../../../src/model/types.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { definitions } from "../definitions.ts";
import { type Editor, editor, type Written } from "../objects.ts";
import { noApiServer } from "../shared.ts";
import { fast, type Reading, read } from "./source-kit.ts";
import { type Wire, wire } from "./wire.ts";

describe.skipIf(noApiServer())("a cluster that fails", () => {
  let api: OwnApiServer;
  let edit: Editor;
  let line: Wire;
  const readings: Reading[] = [];
  const reading = async (...args: Parameters<typeof read>) => {
    const made = await read(...args);
    readings.push(made);
    return made;
  };
  beforeAll(async () => {
    // Versions are forgotten within a second or two, not after five minutes.
    api = await ownApiServer({ flags: ["--etcd-compaction-interval=1s"] });
    edit = editor(api.config());
    line = await wire(api.config());
    await edit.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  });
  afterEach(async () => {
    await Promise.all(readings.splice(0).map((each) => each.stop()));
  });
  afterAll(async () => {
    await line.close();
    await api.close();
  });

  /** Writes until the server has forgotten a version. */
  const untilForgotten = async (version: string) => {
    for (let i = 0; ; i++) {
      await edit.apply(configMap("busy", String(i)));
      const gone = await forgets(api.config(), version);
      if (gone) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  it("withdraws nothing while the server is away, and tells what has changed when it is back", async () => {
    const [stays, goes, comes] = ["stays", "goes", "comes"].map((name) => service(name)) as [Written, Written, Written];
    await edit.apply(stays, goes);
    const r = await reading(line.config());
    const before = r.snapshot();
    await line.cut();
    await r.until("a word that it is away", (now) => now.told().some((t) => t.includes("stale since")));
    expect(r.told().join()).toMatch(/warning WEFT0037 stale since .*what it said before stays in force/);
    expect(r.snapshot().objects, "nothing is withdrawn").toEqual(before.objects);
    const version = (await edit.ask<{ metadata: { resourceVersion: string } }>("/api/v1/services")).metadata;
    await edit.remove(goes);
    await edit.apply(comes);
    await untilForgotten(version.resourceVersion);
    const events = r.events().length;
    await line.heal();
    await r.until("what has changed", (now) => now.get(types.Service, "shop", "comes") !== undefined);
    await r.until("what has gone", (now) => now.get(types.Service, "shop", "goes") === undefined);
    await r.until("that it is back", (now) => !now.told().some((t) => t.includes("stale")));
    const later = r
      .events()
      .slice(events)
      .flatMap((e) => e.changes);
    const names = later.map((c) => ("put" in c ? c.put.name : `no ${c.remove.name}`));
    expect(names, "only differences are told").not.toContain("stays");
  });

  it("goes on after the API server itself was started again", async () => {
    const r = await reading(api.config());
    const before = r.snapshot();
    await api.stop();
    await r.until("a word that it is away", (now) => now.told().some((t) => t.includes("stale since")));
    await api.start();
    await edit.apply(service("after"));
    await r.until("what came after", (now) => now.get(types.Service, "shop", "after") !== undefined);
    await r.until("that it is back", (now) => !now.told().some((t) => t.includes("stale")));
    const removed = r
      .events()
      .flatMap((e) => e.changes)
      .filter((c) => "remove" in c);
    expect(removed, "nothing was withdrawn").toEqual([]);
    expect(before.objects.get(types.Service)?.get("default")).toHaveLength(1);
  });

  it("lists in pages, and begins anew where the server forgets between two", async () => {
    await edit.apply(...Array.from({ length: 7 }, (_, i) => service(`paged-${i}`)));
    const client = kubernetesClient(api.config());
    let pages = 0;
    let forgotten = 0;
    const slow: KubernetesClient = {
      ...client,
      async ask<T>(...[path, init]: Parameters<KubernetesClient["ask"]>): Promise<T> {
        const token = init?.query?.["continue"];
        if (path === "/api/v1/services" && token !== undefined && forgotten === 0) {
          while (!(await forgets(api.config(), String(token), "continue")))
            await edit.apply(configMap("busy", `${Math.random()}`));
          forgotten++;
        }
        if (path === "/api/v1/services") pages++;
        return client.ask<T>(path, init);
      },
    };
    const r = await reading(api.config(), { client: slow, pageSize: 3 });
    const names = r
      .snapshot()
      .objects.get(types.Service)
      ?.get("shop")
      ?.map((s) => s.name);
    expect(names?.filter((name) => name.startsWith("paged"))).toHaveLength(7);
    expect(pages, "one page, one refused, all of them again").toBeGreaterThanOrEqual(5);
    client.close();
  });

  it("takes an answer that is no list for none", async () => {
    await edit.apply(service("kept"));
    const client = kubernetesClient(api.config());
    let answers = 0;
    let page = "";
    const before: KubernetesClient = {
      ...client,
      async ask<T>(...[path, init]: Parameters<KubernetesClient["ask"]>): Promise<T> {
        if (path !== "/api/v1/services" || page === "") return client.ask<T>(path, init);
        answers++;
        return page as T;
      },
    };
    const r = await reading(api.config(), { client: before, pace: { ...fast, streamSeconds: 1, resyncMs: 1 } });
    page = "<html>Sign in</html>";
    await r.until("a word that it is away", (now) =>
      now.told().some((t) => t.includes("is no list of the API server")),
    );
    expect(answers).toBeGreaterThan(0);
    page = "";
    await r.until("that it is back", (now) => !now.told().some((t) => t.includes("stale")));
    expect(
      r
        .events()
        .flatMap((e) => e.changes)
        .filter((c) => "remove" in c),
    ).toEqual([]);
    client.close();
  });

  it("does not trust a stream that is silent for too long", async () => {
    const r = await reading(line.config(), { pace: { ...fast, silenceMs: 500 } });
    line.freeze();
    await edit.apply(service("unheard"));
    await r.until("what a frozen stream did not say", (now) => now.get(types.Service, "shop", "unheard") !== undefined);
  });

  it("names the kinds that are not served, takes them up when they come, and lets them go when they are gone", async () => {
    const r = await reading(api.config());
    expect(r.told()).toContainEqual(
      expect.stringMatching(/^info WEFT0035 .*does not serve .*VirtualService.*networking\.istio\.io/),
    );
    const [definition] = definitions([types.VirtualService], ["v1beta1", "v1alpha3"]) as [Written];
    const reviews: Written = {
      apiVersion: "networking.istio.io/v1beta1",
      kind: "VirtualService",
      metadata: { name: "reviews", namespace: "shop" },
      spec: { hosts: ["reviews"], http: [{ route: [{ destination: { host: "reviews" } }] }] },
    };
    await edit.apply(definition);
    await edit.apply(reviews);
    await r.until("a kind that came", (now) => now.get(types.VirtualService, "shop", "reviews") !== undefined);
    expect(r.get(types.VirtualService, "shop", "reviews")?.apiVersion).toBe("networking.istio.io/v1beta1");
    expect(r.told().join()).not.toMatch(/does not serve [^:]*VirtualService/);
    await edit.apply(...definitions([types.VirtualService]));
    const late = await reading(api.config());
    expect(late.get(types.VirtualService, "shop", "reviews")?.apiVersion, "the best version").toBe(
      "networking.istio.io/v1",
    );
    await edit.remove(definition);
    await r.until("a kind that went", (now) => now.get(types.VirtualService, "shop", "reviews") === undefined);
    await r.until("that it is not served", (now) => now.told().some((t) => /does not serve .*VirtualService/.test(t)));
  });

  it("names what it may not read and reads the rest; once it may, that too", async () => {
    const may = (...resources: string[]) => ({
      apiGroups: ["", "discovery.k8s.io", "apps", "networking.k8s.io", "apiextensions.k8s.io"],
      resources,
      verbs: ["get", "list", "watch"],
    });
    const most = [
      "services",
      "namespaces",
      "endpointslices",
      "deployments",
      "ingresses",
      "ingressclasses",
      "customresourcedefinitions",
    ];
    const account = (rules: readonly object[]) => api.account({ namespace: "shop", name: "reader", rules });
    const config = new KubeConfig();
    config.loadFromFile(await account([may(...most)]));
    await edit.apply(service("seen"), node("node-1"));
    const r = await reading(config);
    expect(r.get(types.Service, "shop", "seen")).toBeDefined();
    expect(r.told()).toContainEqual(
      expect.stringMatching(
        /^error WEFT0036 Node objects .*cannot list resource "nodes".*; add \{apiGroups: \[""\], resources: \[nodes\], verbs: \[get, list, watch\]\}/,
      ),
    );
    expect(r.told().filter((t) => t.includes("WEFT0036"))).toHaveLength(2);
    await account([may(...most, "nodes", "pods")]);
    await r.until("Nodes", (now) => now.get(types.Node, "", "node-1") !== undefined);
    expect(r.get(types.Node, "", "node-1")?.labels).toEqual({ "topology.kubernetes.io/zone": "a" });
    await r.until("nothing to complain of", (now) => !now.told().some((t) => t.includes("WEFT0036")));
  });
});

function service(name: string): Written {
  const spec = { ports: [{ port: 80, name: "http" }] };
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" }, spec };
}

function configMap(name: string, value: string): Written {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" }, data: { value } };
}

function node(name: string): Written {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "topology.kubernetes.io/zone": "a", "example.org/other": "b" } },
  };
}

/** Whether a list from a version, or its next page, is refused as too old. */
async function forgets(config: KubeConfig, version: string, by = "resourceVersion"): Promise<boolean> {
  const client = kubernetesClient(config);
  const exact = by === "continue" ? { continue: version } : { resourceVersion: version, resourceVersionMatch: "Exact" };
  try {
    await client.ask("/api/v1/services", { query: { limit: 1, ...exact } });
    return false;
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 410) return true;
    throw error;
  } finally {
    client.close();
  }
}
