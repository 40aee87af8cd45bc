import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kubernetesClient } from "../../../src/kubernetes/client.ts";
import { type ApiServer, type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer, sharedApiServer } from "../shared.ts";

interface Version {
  readonly major: string;
  readonly minor: string;
}

const ask = (config: KubeConfig, path: string) => kubernetesClient(config).ask(path);

describe.skipIf(noApiServer())("the API server of a run", () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await sharedApiServer();
  });

  it("is a Kubernetes", async () => {
    expect(await ask(api.config(), "/version")).toMatchObject({ major: "1", minor: "34" } satisfies Version);
    expect(await api.kubectl(["get", "namespaces", "-o", "name"])).toContain("namespace/kube-system");
  });

  it("is the same for all who ask", async () => {
    expect((await sharedApiServer()).url).toBe(api.url);
  });

  it("has users who may do what they were told and nothing else", async () => {
    const rules = [{ apiGroups: [""], resources: ["services"], verbs: ["list"] }];
    const kubeconfig = await api.account({ namespace: "bed", name: "reader", rules });
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    await expect(ask(config, "/api/v1/services")).resolves.toMatchObject({ kind: "ServiceList" });
    await expect(ask(config, "/api/v1/secrets")).rejects.toMatchObject({ code: 403 });
  });
});

describe.skipIf(noApiServer())("an API server of one's own", () => {
  let own: OwnApiServer;
  beforeAll(async () => {
    own = await ownApiServer();
  });
  afterAll(() => own.close());

  it("goes and comes back with what it knew", async () => {
    await own.kubectl(["create", "namespace", "kept"]);
    await own.stop();
    await expect(ask(own.config(), "/version")).rejects.toMatchObject({ code: 0 });
    await own.start();
    await expect(ask(own.config(), "/api/v1/namespaces/kept")).resolves.toMatchObject({ kind: "Namespace" });
  });
});
