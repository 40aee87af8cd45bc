import { beforeAll, describe, expect, it } from "vitest";
import {
  apply,
  applySample,
  askFromNode,
  askFromPod,
  eventually,
  get,
  kubectl,
  podOf,
  pods,
  rolledOut,
  sampleFile,
  serviceAddress,
} from "./bed.ts";

let gateway: string;
beforeAll(async () => {
  gateway = `http://${await serviceAddress("istio-system", "istio-ingressgateway")}`;
});

const reviews = async (headers = {}) => {
  const { status, body } = await askFromNode(`${gateway}/api/v1/products/0/reviews`, headers);
  expect(`${status} ${body}`).toMatch(/^200 /);
  return JSON.parse(body) as { readonly version: string };
};

async function versions(requests: number, headers = {}): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let done = 0; done < requests; done += 10)
    for (const { version } of await Promise.all(Array.from({ length: 10 }, () => reviews(headers))))
      seen[version] = (seen[version] ?? 0) + 1;
  return seen;
}

it("the page is there, by way of the gateway", async () => {
  await eventually("the page answers", async () => (await askFromNode(`${gateway}/productpage`)).status === 200);
  expect((await askFromNode(`${gateway}/productpage`)).body).toContain("George Eliot");
  await eventually("all versions take turns", async () => Object.keys(await versions(20)).length === 3);
});

it("Pods have a native sidecar of stock Envoy without privilege, ready before the application started", async () => {
  const { spec, status } = await podOf("default", "app=details");
  const proxy = spec.initContainers?.find(({ name }) => name === "istio-proxy");
  expect(proxy).toMatchObject({
    restartPolicy: "Always",
    resources: { requests: { cpu: "10m", memory: "40Mi" } },
    securityContext: {
      runAsGroup: 1337,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  });
  const startedAt = (of: typeof status.containerStatuses, name: string) =>
    Date.parse(of?.find((one) => one.name === name)?.state.running?.startedAt ?? "");
  expect(startedAt(status.initContainerStatuses, "istio-proxy")).toBeLessThanOrEqual(
    startedAt(status.containerStatuses, "details"),
  );
});

describe("mutual TLS only", () => {
  it("plaintext from outside the mesh is refused, by address and by Service", async () => {
    const { status } = await podOf("default", "app=details");
    const direct = await askFromNode(`http://${status.podIP}:9080/details/0`);
    expect(direct.status).toBe("ECONNRESET");
    const service = await askFromNode(`http://${await serviceAddress("default", "details")}:9080/details/0`);
    expect(service.status).toBe("ECONNRESET");
  });

  it("a call inside the mesh carries the caller's identity", async () => {
    await apply(echo("default"));
    await rolledOut("default", "echo");
    const { metadata } = await podOf("default", "app=productpage");
    const { status, body } = await askFromPod("default", metadata.name, "http://echo:8000/");
    expect(`${status} ${body}`).toMatch(/^200 /);
    const { headers } = JSON.parse(body) as { headers: Record<string, string> };
    expect(headers["x-forwarded-client-cert"]).toContain("By=spiffe://cluster.local/ns/default/sa/default");
    expect(headers["x-forwarded-client-cert"]).toContain(
      "URI=spiffe://cluster.local/ns/default/sa/bookinfo-productpage",
    );
    await kubectl(["delete", "deployment,service", "echo"]);
  });

  it("whom policy does not name is refused by its identity: details may not ask ratings", async () => {
    const { metadata } = await podOf("default", "app=details");
    expect(await askFromPod("default", metadata.name, "http://ratings:9080/ratings/0")).toMatchObject({ status: 403 });
    const page = await podOf("default", "app=productpage");
    expect(await askFromPod("default", page.metadata.name, "http://ratings:9080/ratings/0")).toMatchObject({
      status: 200,
    });
  });
});

/** An application that answers what it was asked. */
const echo = (namespace: string) => {
  const labels = { app: "echo" };
  const program =
    'require("http").createServer((q, a) => a.end(JSON.stringify({ url: q.url, headers: q.headers }))).listen(8000)';
  const container = {
    name: "echo",
    image: "docker.io/weft/bookinfo:latest",
    imagePullPolicy: "IfNotPresent",
    args: ["-e", program],
  };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "echo", namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "echo", namespace },
      spec: { selector: labels, ports: [{ name: "http", port: 8000 }] },
    },
  ];
};

describe("exercises of the sample", () => {
  const jason = { "end-user": "jason" };

  /** Applies a file of exercises/, looks, and takes it away. */
  async function exercise(name: string, look: () => Promise<void>): Promise<void> {
    await applySample(`exercises/${name}.yaml`);
    try {
      await look();
    } finally {
      await kubectl(["delete", "-f", sampleFile(`exercises/${name}.yaml`), "--wait"]);
    }
  }

  it("all-v1: version 1 alone", () =>
    exercise("all-v1", async () => {
      await eventually("v1 alone answers", async () => (await versions(30))["v1"] === 30);
    }));

  it("reviews-90-10: a tenth to v2", () =>
    exercise("reviews-90-10", async () => {
      await eventually("v3 is asked no more", async () => (await versions(30))["v3"] === undefined);
      const { v1 = 0, v2 = 0, ...others } = await versions(300);
      expect(others).toEqual({});
      expect(v1 + v2).toBe(300);
      // 30 ± 5.2.
      expect(v2).toBeGreaterThan(3);
      expect(v2).toBeLessThan(75);
    }));

  it("reviews-jason-v2: v2 for one user", () =>
    exercise("reviews-jason-v2", async () => {
      await eventually("jason has v2", async () => (await versions(10, jason))["v2"] === 10);
      expect(await versions(20)).toEqual({ v1: 20 });
    }));

  it("ratings-abort: reviews without stars, and why", () =>
    exercise("ratings-abort", async () => {
      await eventually("jason is told", async () =>
        (await askFromNode(`${gateway}/productpage`, jason)).body.includes("fault filter abort"),
      );
      expect((await askFromNode(`${gateway}/productpage`)).body).not.toContain("fault filter abort");
    }));

  it("ratings-delay: two timeouts that do not fit", () =>
    exercise("ratings-delay", async () => {
      await eventually("the page says how long it waited", async () =>
        /reviews: .*, after <b>6\.\d+ s<\/b> \(2 tries\)/.test(
          (await askFromNode(`${gateway}/productpage`, jason)).body,
        ),
      );
    }));

  it("limit-the-page: the sixth page within a minute is refused", () =>
    exercise("limit-the-page", async () => {
      const page = async () => (await askFromNode(`${gateway}/productpage`)).status;
      await eventually("a page is refused", async () => (await page()) === 429);
      expect((await askFromNode(`${gateway}/api/v1/products/0/reviews`)).status).toBe(200);
    }));

  it("who-may-call-ratings: the page's own call is refused, and it keeps its stars", async () => {
    const ratings = async () => (await askFromNode(`${gateway}/api/v1/products/0/ratings`)).status;
    await eventually("it is let in", async () => (await ratings()) === 200);
    await exercise("who-may-call-ratings", async () => {
      await eventually("it is refused", async () => (await ratings()) === 403);
      await eventually("reviews have stars", async () =>
        (await askFromNode(`${gateway}/productpage`)).body.includes("ratings-v1-"),
      );
    });
  });
});

it("nothing that was applied is changed: kubectl diff finds no difference after the mesh has run", async () => {
  const files = ["bookinfo.yaml", "networking", "policy", "exercises/strict-mtls.yaml"].flatMap((name) => [
    "-f",
    sampleFile(name),
  ]);
  expect(await kubectl(["diff", ...files])).toBe("");
  const { items } = await get<{
    items: readonly { metadata: { managedFields: readonly { manager: string; subresource?: string }[] } }[];
  }>(
    "virtualservices,destinationrules,gateways.networking.istio.io,peerauthentications,authorizationpolicies,services,deployments,pods",
    "-n",
    "default",
    "--show-managed-fields",
  );
  const owners = items.flatMap(({ metadata }) =>
    metadata.managedFields.filter(({ subresource }) => subresource !== "status"),
  );
  expect(items.length).toBeGreaterThan(20);
  expect(owners.map(({ manager }) => manager).filter((manager) => manager.startsWith("weft"))).toEqual([]);
});

it("no proxy was started again", async () => {
  const all = await pods("default", "app in (productpage, details, reviews, ratings)");
  expect(all.length).toBe(6);
  const restarts = all.flatMap(({ status }) =>
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map((one) => one.restartCount),
  );
  expect(Math.max(...restarts)).toBe(0);
});
