import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { yamlOf } from "../../../console/src/config/wizards/edits.ts";
import { wizards } from "../../../console/src/config/wizards/list.ts";
import { until } from "../../e2e/ask.ts";
import { noApiServer } from "../shared.ts";
import { asked, consoleBed } from "./console-bed.ts";
import { startKubelet } from "./kubelet.ts";

const timeout = "10s";
const routes = (name: string, spec: object, more: object = {}) =>
  JSON.stringify({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, namespace: "shop", ...more },
    spec,
  });
const to = (host: string, more = {}) => ({ hosts: ["cart"], http: [{ route: [{ destination: { host } }], ...more }] });
const type = "VirtualService.networking.istio.io";

describe.skipIf(noApiServer())("the console changes a cluster, as who asks", { timeout: 120_000 }, () => {
  let it0: Awaited<ReturnType<typeof consoleBed>>;
  beforeAll(async () => {
    it0 = await consoleBed();
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "cart", namespace: "shop" } };
    await it0.api.kubectl(["apply", "-f", "-"], JSON.stringify({ ...service, spec: { ports: [{ port: 80 }] } }));
  }, 120_000);
  afterAll(() => it0?.close());
  beforeEach(() => it0.serve());

  const kubectl = (args: readonly string[], input?: string) => it0.api.kubectl(args, input);
  const live = async (name: string) =>
    JSON.parse(await kubectl(["get", "virtualservice", name, "-n", "shop", "-o", "json", "--show-managed-fields"]));
  const apply = async (who: string, body: string, query = "") =>
    (await asked(`apply?${query}`, it0.as(who), body)).json;
  /** What the editor is given of an object, once the control plane has read what holds. */
  const seen = async (name: string, holds: (yaml: string) => boolean = () => true) => {
    let detail = { yaml: "", basis: "" };
    await until(`${name} is read`, async () => {
      const { json } = await asked(`config/${type}/shop/${name}`, it0.as("ann"));
      detail = json;
      return json.yaml !== undefined && holds(json.yaml);
    });
    return { ...detail, query: `basis=${type}/shop/${name}@${detail.basis}` };
  };

  it("creates, and says beforehand and object by object where somebody may not", async () => {
    const may = async (who: string, namespace: string) =>
      (await asked(`writing?what=create&type=${type}&namespace=${namespace}&name=x`, it0.as(who))).json;
    expect(await may("ann", "shop")).toEqual({ allowed: true, as: "system:serviceaccount:people:ann" });
    expect(await may("ann", "bank")).toMatchObject({ allowed: false, why: expect.stringContaining("may not create") });
    const here = routes("made", to("cart"));
    const both = `${here}\n---\n${here.replace('"shop"', '"bank"')}`;
    const answer = await asked("apply?wait=15s", it0.as("ann"), both);
    expect(answer.status).toBe(422);
    expect(answer.json.objects).toMatchObject([
      { name: "virtualservice.networking.istio.io/made", namespace: "shop", outcome: "created" },
      { namespace: "bank", outcome: "refused", forbidden: true },
    ]);
    expect((await live("made")).metadata.managedFields[0]).toMatchObject({
      manager: "weft-console",
      operation: "Apply",
    });
    expect((await asked("apply", it0.as("eve"), here)).status).toBe(403);
    expect((await apply("ann", here)).objects[0].outcome).toBe("unchanged");
  });

  it("tells who changed it since it was opened, and whose fields it would take, before anything is written", async () => {
    await kubectl(["apply", "-f", "-"], routes("theirs", to("cart"), { labels: { team: "a", old: "x" } }));
    const opened = await seen("theirs");
    // Whoever writes its status does not change it.
    const status = ["patch", "virtualservice", "theirs", "-n", "shop", "--subresource=status", "--type=merge"];
    await kubectl([...status, "-p", '{"status": {"observedGeneration": 1}}']);
    const own = routes("theirs", to("cart", { timeout }), { labels: { team: "a" } });
    const managed = (await apply("ann", own, opened.query)).objects[0];
    expect(managed).toMatchObject({ outcome: "refused", conflict: { kind: "managed" } });
    expect(managed.conflict.by).toEqual([{ manager: "kubectl-client-side-apply", fields: [".spec.http"] }]);
    await kubectl(["label", "virtualservice", "theirs", "-n", "shop", "team=b", "--overwrite"]);
    const changed = (await apply("ann", own, opened.query)).objects[0];
    expect(changed.conflict).toMatchObject({ kind: "changed", theirs: { yaml: expect.stringContaining("team: b") } });
    const later = `basis=${type}/shop/theirs@${changed.conflict.theirs.basis}`;
    const forced = await apply("ann", own, `${later}&force&dryRun`);
    expect(forced.objects[0]).toMatchObject({ outcome: "configured" });
    expect((await live("theirs")).spec.http[0].timeout).toBeUndefined();
    expect((await apply("ann", own, `${later}&force`)).objects[0]).toMatchObject({ outcome: "configured" });
    const now = await live("theirs");
    expect(now.metadata.labels).toEqual({ team: "a" });
    expect(now.spec.http[0].timeout).toBe(timeout);
    expect(now.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]).toBeDefined();
  });

  it("asks before it takes away what somebody else set", async () => {
    await kubectl(["apply", "-f", "-"], routes("lines", { ...to("cart"), exportTo: ["."] }));
    const left = (await apply("ann", routes("lines", to("cart")))).objects[0];
    expect(left.conflict).toEqual({
      kind: "managed",
      by: [{ manager: "kubectl-client-side-apply", fields: [".spec.exportTo"] }],
    });
    expect((await apply("ann", routes("lines", to("cart")), "force")).objects[0].outcome).toBe("configured");
    expect((await live("lines")).spec).toEqual(to("cart"));
  });

  it("passes on what webhooks warn of, and why they refuse, by a dry run", async () => {
    const lost = (await apply("ann", routes("lost", to("nobody")), "dryRun")).objects[0];
    expect(lost).toMatchObject({
      outcome: "created",
      warnings: expect.arrayContaining([expect.stringContaining("IST0101")]),
    });
    await expect(live("lost")).rejects.toThrow("not found");
  });

  it("takes back what was created, changed and deleted, unless somebody else was there since", async () => {
    const changes: string[] = [];
    const write = async (body: string, path = "apply") => {
      const { json } = await asked(path, it0.as("ann"), body);
      changes.push(json.change);
      return json.objects[0].outcome;
    };
    await kubectl(["apply", "-f", "-"], routes("kept", to("cart"), { labels: { a: "b" } }));
    expect(await write(routes("kept", to("cart", { timeout })), "apply?force")).toBe("configured");
    expect(await write(routes("kept", {}), "delete")).toBe("deleted");
    await expect(live("kept")).rejects.toThrow("not found");
    const back = async (id: string | undefined, who = "ann") => asked(`changes/${id}/undo?wait=15s`, it0.as(who), "");
    expect((await back(changes[1], "eve")).status).toBe(403);
    expect((await back(changes[1])).json.objects[0].outcome).toBe("created");
    expect((await live("kept")).spec.http[0].timeout).toBe(timeout);
    expect((await back(changes[0])).json.objects[0].outcome).toBe("configured");
    expect(await live("kept")).toMatchObject({ spec: to("cart"), metadata: { labels: { a: "b" } } });
    expect(await write(routes("fresh", to("cart")))).toBe("created");
    await kubectl(["label", "virtualservice", "fresh", "-n", "shop", "mine=yes"]);
    expect(await back(changes[2])).toMatchObject({ status: 409, json: { error: expect.stringContaining("since") } });
    const said = (await asked("changes", it0.as("ann"))).json.map((c: { takenBack: boolean }) => c.takenBack);
    expect(said).toEqual([false, true, true]);
    // An edit after that is no conflict with ourselves.
    expect(await write(routes("kept", to("cart", { timeout: "3s" }), { labels: { a: "b" } }))).toBe("configured");
  });

  it("speaks for people of an issuer or a proxy only where it was let, and never in a name that is Kubernetes' own", async () => {
    const as = (user: string) => ({ "x-user": user, "x-weft-request": "1", "sec-fetch-site": "same-origin" });
    const body = routes("hers", to("cart"));
    const refused = await asked("apply", as("alice"), body);
    expect(refused.status).toBe(403);
    expect(refused.json).toMatchObject({ error: expect.stringContaining("may not act in the name of alice") });
    await it0.letImpersonate();
    expect((await asked("apply", as("alice"), body)).json.objects[0].outcome).toBe("created");
    // Her group may write in shop; that she says to be of system:masters gives her nothing more.
    const elsewhere = await asked("apply", as("alice"), body.replace('"shop"', '"bank"'));
    expect(elsewhere.json.objects[0]).toMatchObject({ outcome: "refused", forbidden: true });
    for (const other of ["bob", "system:admin"]) expect((await asked("apply", as(other), body)).status).toBe(403);
  });

  it("reads logs of Pods as who asks: all their containers by time, the proxy's, and those before a restart", async () => {
    const kubelet = await startKubelet(it0.api);
    await kubectl(["create", "serviceaccount", "default", "-n", "shop"]);
    await kubectl(["apply", "-f", "-"], JSON.stringify(pod));
    await kubectl(
      ["create", "-f", "-"],
      JSON.stringify({ ...binding, metadata: { name: "cart-0", namespace: "shop" } }),
    );
    await until("the Pod is read", async () => (await asked("logs/cart-0.shop", it0.as("ann"))).status === 200);
    const read = async (query: string, who = "ann") => asked(`logs/cart-0.shop?${query}`, it0.as(who));
    expect((await read("tail=5")).text).toBe(
      "2026-11-22T12:00:01.1Z app one\n2026-11-22T12:00:01.15Z web\n[2026-11-22T12:00:02.000Z] app two\n",
    );
    expect((await read("container=proxy")).text).toBe("2026-11-22T12:00:00Z istio-proxy says\n");
    expect((await read("container=proxy&previous")).json).toMatchObject({ error: expect.stringContaining("previous") });
    expect((await read("tail=5", "eve")).status).toBe(403);
    const asks = [...new Set(kubelet.asked)].sort();
    expect(asks).toContain("/containerLogs/shop/cart-0/app?limitBytes=4194304&tailLines=5&timestamps=true");
    kubelet.close();
  });

  it("labels namespaces and workloads for injection, after it has shown how, and names the Pods that run without", async () => {
    const inject = async (change: object, who = "ann", query = "") =>
      asked(`injection?${query}`, it0.as(who), JSON.stringify({ namespace: "shop", ...change }));
    const labels = async () => {
      const read = JSON.parse(await kubectl(["get", "namespace", "shop", "-o", "json"]));
      return [read.metadata.labels["istio-injection"], read.metadata.labels["istio.io/rev"]];
    };
    const shown = (await inject({ to: "enabled" }, "ann", "dryRun")).json;
    expect(shown).toMatchObject({
      ...{ dryRun: true, object: "Namespace shop", within: ["cart-0"], without: [] },
      command: "kubectl label namespace shop --overwrite istio-injection=enabled istio.io/rev-",
      restart: "kubectl rollout restart deployment -n shop",
    });
    expect(await labels()).toEqual([undefined, undefined]);
    expect((await inject({ to: "enabled" }, "eve")).status).toBe(403);
    expect((await inject({ to: "enabled" })).status).toBe(200);
    expect(await labels()).toEqual(["enabled", undefined]);
    expect((await inject({ to: { revision: "canary" } })).status).toBe(200);
    expect(await labels()).toEqual([undefined, "canary"]);
    expect((await inject({ to: "enabled", namespace: "bank" })).status).toBe(403);
    await kubectl(["create", "deployment", "cart", "-n", "shop", "--image=none"]);
    const off = (await inject({ to: "disabled", workload: "cart" })).json;
    expect(off).toMatchObject({ object: "Deployment shop/cart", command: expect.stringContaining("kubectl patch") });
    const path = "jsonpath={.spec.template.metadata.labels}";
    const template = ["get", "deployment", "cart", "-n", "shop", "-o", path];
    expect(JSON.parse(await kubectl(template))).toMatchObject({ app: "cart", "sidecar.istio.io/inject": "false" });
    expect((await inject({ to: "unsaid", workload: "cart" })).status).toBe(200);
    expect(JSON.parse(await kubectl(template))).toEqual({ app: "cart" });
    expect((await inject({ to: "disabled", workload: "lost" })).status).toBe(404);
    expect((await inject({ to: "sideways" })).status).toBe(422);
  });

  it("takes what each form writes", async () => {
    const texts = wizards.map((wizard) => {
      const form = { ...wizard.start(about), ...complete[wizard.id] };
      expect(wizard.problems?.(form, about) ?? []).toEqual([]);
      return yamlOf(wizard.edits(form, about), []);
    });
    expect(texts.length).toBeGreaterThan(16);
    const yaml = texts.join("---\n");
    const said = await kubectl(["apply", "--dry-run=server", "--validate=strict", "-f", "-"], yaml);
    const lines = said.trim().split("\n");
    expect(lines).toHaveLength(yaml.split("---\n").length);
    for (const line of lines) expect(line).toMatch(/(created|configured) \(server dry run\)$/);
  });
});

const complete: Readonly<Record<string, object>> = {
  "request-routing": { rules: [{ what: "header", name: "end-user", how: "exact", value: "jason", version: "v2" }] },
};
const cart = {
  ...({ kind: "Service", namespace: "shop", name: "cart", host: "cart.shop.svc.cluster.local", rules: [] } as const),
  ports: [{ number: 80, name: "http", protocol: "http" }],
  versions: ["v1", "v2"].map((name) => ({ name, labels: { version: name } })),
};
const about = {
  ...{ namespace: "shop", service: cart, existing: [] },
  facts: {
    ...{ namespaces: ["shop", "bank"], services: [cart], servicesLeft: 0, gatewayClasses: ["istio"] },
    workloads: [{ namespace: "shop", name: "cart-v1", labels: { app: "cart" }, serviceAccount: "cart" }],
    gateways: [{ type: "Gateway.gateway.networking.k8s.io", namespace: "shop", name: "edge" }],
    ...({ trustDomain: "cluster.local", rootNamespace: "istio-system", writes: "cluster" } as const),
  },
};

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "cart-0", namespace: "shop" },
  spec: {
    automountServiceAccountToken: false,
    initContainers: [{ name: "istio-proxy", image: "none", restartPolicy: "Always" }],
    containers: ["app", "web"].map((name) => ({ name, image: "none" })),
  },
};
const binding = { apiVersion: "v1", kind: "Binding", target: { apiVersion: "v1", kind: "Node", name: "node" } };
