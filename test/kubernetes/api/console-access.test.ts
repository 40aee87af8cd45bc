import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, port, start } from "../../../src/api/testdata/served.ts";
import { Sessions } from "../../../src/api/who/sessions.ts";
import { type KubernetesClient, kubernetesClient } from "../../../src/kubernetes/client.ts";
import { kubernetesUsers } from "../../../src/main/kubernetes-users.ts";
import { caSecret } from "../../../src/operate/ca-secret.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { until } from "../processes.ts";
import { noApiServer } from "../shared.ts";

const see = { apiGroups: [""], resources: ["pods"], verbs: ["list"] };
const write = { apiGroups: ["networking.istio.io"], resources: ["virtualservices"], verbs: ["create", "patch"] };
const operate = { apiGroups: [""], resources: ["secrets"], resourceNames: ["weft-ca"], verbs: ["update"] };

describe.skipIf(noApiServer())("who may what in the console, by a real API server", { timeout: 120_000 }, () => {
  let api: OwnApiServer;
  let client: KubernetesClient;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    api = await ownApiServer();
    const people = {
      nobody: {},
      viewer: { in: { default: [see] } },
      editor: { in: { default: [see, write] } },
      admin: { rules: [see, write, operate] },
    };
    for (const [name, rules] of Object.entries(people)) {
      const kubeconfig = await api.account({ namespace: "people", name, ...rules });
      const read = JSON.parse(readFileSync(kubeconfig, "utf8")) as { users: { user: { token: string } }[] };
      tokens[name] = read.users[0]?.user.token ?? "";
    }
    // The control plane's own rights to ask for others'.
    const reviews = [
      { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
      { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
    ];
    // As the chart's Role has it.
    const secrets = [
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch", "create"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: ["weft-ca"], verbs: ["patch"] },
    ];
    const grants = { rules: reviews, in: { "istio-system": secrets } };
    const own = await api.account({ namespace: "istio-system", name: "weft", ...grants });
    const config = api.config();
    config.loadFromFile(own);
    client = kubernetesClient(config);
  }, 120_000);
  afterAll(async () => {
    client?.close();
    await api?.close();
  });

  const served = async () => {
    const clock = { now: () => Date.now(), after: () => () => {} };
    const { verifier, rightsOf } = kubernetesUsers({ client, namespace: "istio-system", clock });
    const actions = { reissue: async () => ({ replaced: [] }) };
    await start(actions, {}, { verifiers: [verifier], rightsOf, mayRead: async () => false });
  };
  const as = (name: string) => ({ authorization: `Bearer ${tokens[name]}` });
  const status = async (name: string, path: string, method = "GET") =>
    (await ask(`/api/v1/${path}`, { method, headers: as(name) })).status;
  const may = async (name: string, what: string, namespace: string) =>
    (
      await ask(`/api/v1/may?what=${what}&type=VirtualService.networking.istio.io&namespace=${namespace}&name=x`, {
        headers: as(name),
      })
    ).json.allowed;

  it("people are who their token says, and see, change and run what RBAC lets them", async () => {
    await served();
    const who = async (name: string) => (await ask("/api/v1/session", { headers: as(name) })).json.who;
    expect(await who("editor")).toMatchObject({
      ...{ name: "system:serviceaccount:people:editor", how: "kubernetes", namespaces: ["default"], operates: false },
      groups: expect.arrayContaining(["system:serviceaccounts:people"]),
    });
    expect(await who("admin")).toMatchObject({ namespaces: "all", operates: true });
    const seen = await Promise.all(["nobody", "viewer", "editor", "admin"].map((name) => status(name, "workloads")));
    expect(seen).toEqual([403, 200, 200, 200]);
    const changes = await Promise.all([
      ...["viewer", "editor", "admin"].map((name) => may(name, "update", "default")),
      ...["editor", "admin"].map((name) => may(name, "create", "people")),
      ...["editor", "admin"].map((name) => may(name, "delete", "default")),
    ]);
    expect(changes).toEqual([false, true, true, false, true, false, false]);
    const ran = await Promise.all(["editor", "admin"].map((name) => status(name, "certificates/reissue", "POST")));
    expect(ran).toEqual([403, 200]);
    const forged = `${tokens["admin"]?.slice(0, -3)}abc`;
    expect((await ask("/api/v1/workloads", { headers: { authorization: `Bearer ${forged}` } })).status).toBe(401);
  });

  it("a session holds at each replica, by the Secret that they share, and so does logging out", async () => {
    const clock = { now: () => Date.now(), after: () => () => {} };
    const random = () => randomBytes(32).toString("base64url");
    const replica = () => new Sessions({ clock, random, shared: caSecret(client, "istio-system") });
    const [one, other] = [replica(), replica()];
    const ann = { name: "ann", groups: [], how: "oidc" } as const;
    const [cookie, second] = await Promise.all([one.begin(ann), other.begin(ann)]);
    expect((await other.find(cookie))?.subject).toEqual(ann);
    expect((await one.find(second))?.subject).toEqual(ann);
    const out = await Promise.all([one.find(cookie), other.find(second)]);
    await Promise.all([one.end(out[0] as never), other.end(out[1] as never)]);
    expect([await replica().find(cookie), await replica().find(second)]).toEqual([undefined, undefined]);
  });

  it("a browser logs in by such a token; while the API server is away nobody is let in and nothing is allowed", async () => {
    await served();
    const login = await ask("/api/v1/login", {
      method: "POST",
      headers: { host: `localhost:${port}` },
      body: JSON.stringify({ token: tokens["editor"] }),
    });
    expect(login.status).toBe(200);
    const cookie = String(login.headers["set-cookie"]).split(";")[0] ?? "";
    const asked = () => ask("/api/v1/workloads", { headers: { cookie, host: `localhost:${port}` } });
    expect((await asked()).status).toBe(200);
    await served();
    await api.stop();
    const away = await ask("/api/v1/workloads", { headers: as("viewer") });
    expect([away.status, away.json.error]).toEqual([503, expect.stringContaining("the API server cannot be asked")]);
    await api.start();
    await until("it is asked again", async () => (await status("viewer", "workloads")) === 200);
  });
});
