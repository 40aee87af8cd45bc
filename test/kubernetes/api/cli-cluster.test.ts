import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runIt } from "../../../src/cli/cli.fixture.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";
import { onCluster, openCrd } from "./cli-bed.ts";

const istio = "networking.istio.io";
const pod = (name: string, labels: object) => ({
  ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop", labels } },
  spec: { containers: [{ name: "app", image: "app", ports: [{ containerPort: 9080 }] }] },
});
const objects = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "shop" } },
  pod("reviews-1", { app: "reviews", version: "v1" }),
  {
    ...{ apiVersion: "v1", kind: "Service", metadata: { name: "reviews", namespace: "shop" } },
    spec: { ports: [{ port: 9080 }], selector: { app: "reviews" } },
  },
  {
    ...{ apiVersion: `${istio}/v1`, kind: "DestinationRule", metadata: { name: "reviews", namespace: "shop" } },
    spec: {
      host: "reviews",
      subsets: [
        { name: "v1", labels: { version: "v1" } },
        { name: "v2", labels: { version: "v2" } },
      ],
    },
  },
  {
    ...{ apiVersion: `${istio}/v1`, kind: "VirtualService", metadata: { name: "reviews", namespace: "shop" } },
    spec: {
      hosts: ["reviews"],
      http: [
        {
          route: [
            { destination: { host: "reviews", subset: "v1" }, weight: 90 },
            { destination: { host: "reviews", subset: "v2" }, weight: 10 },
          ],
        },
      ],
    },
  },
];

describe.skipIf(noApiServer())("a cluster without Weft", () => {
  let api: OwnApiServer;
  beforeAll(async () => {
    api = await ownApiServer();
    const list = (items: readonly object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const crds = [
      openCrd(istio, "VirtualService", "virtualservices"),
      openCrd(istio, "DestinationRule", "destinationrules"),
    ];
    await api.kubectl(["apply", "-f", "-"], list(crds));
    for (const plural of ["virtualservices", "destinationrules"])
      await api.kubectl(["wait", "--for=condition=Established", `crd/${plural}.${istio}`]);
    await api.kubectl(["apply", "-f", "-"], list(objects));
  });
  afterAll(() => api.close());
  const run = (...argv: string[]) => onCluster(api.kubeconfig, argv);

  it.each(["ps", "get", "version -o json", "dashboard --browser=false"])(
    "weft %s says what to install",
    async (argv) => {
      const { code, err } = await run(...argv.split(" "));
      expect(err).toContain("there is no Weft in namespace istio-system");
      // version tells its own all the same.
      expect(code).toBe(argv.startsWith("version") ? 0 : 69);
    },
  );

  it("check ends with 2 and says where it stopped", async () => {
    const { code, out } = await run("check");
    expect(code).toBe(2);
    expect(out).toContain("× Weft is installed in namespace istio-system");
    expect(out).toContain("hint: install it: weft install");
    expect(out).toMatch(/- the root certificate is valid\n {4}not asked/);
    expect((await run("check", "--pre")).code).toBe(0);
    expect((await run("check", "-o", "junit")).out).toContain("<failure message=");
  });

  it("describe says what holds for a Service and its Pods, and what is not served", async () => {
    const { code, out } = await run("describe", "svc", "reviews.shop");
    expect(code).toBe(0);
    expect(out).toContain("Subset v1 (version=v1): reviews-1");
    expect(out).toContain("90% v1, 10% v2");
    expect(out).toContain("subset v2 gets requests, and no Pod has its labels (version=v2): they fail with 503");
    expect(out).toContain("port 9080 does not say its protocol");
    const story = (await run("describe", "pod", "reviews-1.shop")).out;
    expect(story).toContain("Proxy: no proxy");
    expect(story).toContain("Accepts: PERMISSIVE mTLS (the default)");
    expect((await run("describe", "svc", "nobody", "-n", "shop")).code).toBe(4);
  });

  it("a Pod that is not there is told with its like", async () => {
    const { code, err } = await run("logs", "review-1.shop");
    expect(code).toBe(4);
    expect(err).toContain("in namespace shop");
    expect(err).toContain("did you mean reviews-1?");
  });

  it("a right that is missing is named", async () => {
    const nobody = await api.account({ namespace: "people", name: "nobody" });
    const { code, err } = await onCluster(nobody, ["ps"]);
    expect(code).toBe(5);
    expect(err).toContain("the right to list pods in namespace istio-system is missing");
  });

  it("contexts, namespaces and Pods complete", async () => {
    const complete = async (...words: string[]) =>
      (await runIt(["__complete", "--", ...words], { env: { KUBECONFIG: api.kubeconfig } })).out;
    expect(await complete("ps", "--context", "")).not.toBe("");
    expect(await complete("logs", "-n", "sh")).toContain("shop\t");
    expect(await complete("logs", "-n", "shop", "rev")).toContain("reviews-1\t");
  });
});
