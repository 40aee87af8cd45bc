import { afterAll, beforeAll, expect, it } from "vitest";
import { apply, askFromPod, eventually, helm, kubectl, podOf, rolledOut } from "./bed.ts";

const namespace = "tagged";
const labels = { app: "caller" };

beforeAll(async () => {
  await helm("install", "weft-canary", "charts/weft", "-n", "istio-system", ...revision(["prod"]));
  await rolledOut("istio-system", "weft-canary");
});
afterAll(() => kubectl(["delete", "namespace", namespace, "--wait=false"]));

function revision(tags: readonly string[]): readonly string[] {
  const sets = ["revision=canary", "controlPlane.replicas=1"].flatMap((said) => ["--set", said]);
  return [...sets, "--set-json", "gateways=[]", "--set-json", `revisionTags=${JSON.stringify(tags)}`];
}

/** The revision that a Pod's proxy was made by, and what a call of it to Bookinfo is answered. */
async function seen(): Promise<{ revision: string; status: number | string }> {
  const { metadata } = await podOf(namespace, "app=caller");
  const { revision: by } = JSON.parse(metadata.annotations?.["sidecar.istio.io/status"] ?? "{}") as {
    revision: string;
  };
  const { status } = await askFromPod(namespace, metadata.name, "http://productpage.default:9080/health");
  return { revision: by, status };
}

it("a namespace that chose a tag is served by the revision that has it, and is in one mesh with the others", async () => {
  await apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: { "istio.io/rev": "prod" } } },
  ]);
  await eventually("there is an account", async () =>
    (await kubectl(["get", "serviceaccounts", "-n", namespace])).includes("default"),
  );
  const container = {
    name: "app",
    image: "docker.io/weft/bookinfo:latest",
    imagePullPolicy: "IfNotPresent",
    args: ["-e", "setInterval(() => {}, 1e6)"],
  };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
  };
  await eventually("its Pods are let in", async () => {
    await apply([{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "caller" }, spec }], namespace);
    return true;
  });
  await rolledOut(namespace, "caller");
  // Mutual TLS was strict: 403 is policy's word, said over a connection that identity had opened.
  expect(await seen()).toEqual({ revision: "canary", status: 403 });
});

it("the tag moves to the other revision; a restart later its proxies have moved, too", async () => {
  await helm("upgrade", "weft-canary", "charts/weft", "-n", "istio-system", ...revision([]));
  await helm("upgrade", "weft", "charts/weft", "-n", "istio-system", "--set-json", 'revisionTags=["prod"]');
  await rolledOut("istio-system", "weft", "weft-canary");
  await eventually("the tag's webhook is the other revision's", async () =>
    (
      await kubectl([
        "get",
        "mutatingwebhookconfiguration",
        "weft-revision-tag-prod",
        "-o",
        "jsonpath={.webhooks[0].clientConfig}",
      ])
    ).includes('"caBundle"'),
  );
  await kubectl(["rollout", "restart", "-n", namespace, "deployment/caller"]);
  await rolledOut(namespace, "caller");
  await eventually("the old Pod is gone", async () => (await seen()).revision === "default");
  expect(await seen()).toEqual({ revision: "default", status: 403 });
});

it("the old revision goes, and nobody misses it", async () => {
  await helm("uninstall", "weft-canary", "-n", "istio-system", "--wait");
  expect(await seen()).toEqual({ revision: "default", status: 403 });
  const { metadata } = await podOf("default", "app=productpage");
  expect(await askFromPod("default", metadata.name, "http://reviews:9080/reviews/0")).toMatchObject({ status: 200 });
});
