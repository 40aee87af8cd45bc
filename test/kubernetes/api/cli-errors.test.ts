import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runIt } from "../../../src/cli/cli.fixture.ts";
import type { ApiServer } from "../api-server.ts";
import { noApiServer, sharedApiServer } from "../shared.ts";
import { onCluster } from "./cli-bed.ts";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
}

describe.skipIf(noApiServer())("a command on a cluster says what is missing, and what to do", () => {
  let api: ApiServer;
  let folder: string;
  let admin: Kubeconfig;
  beforeAll(async () => {
    api = await sharedApiServer();
    folder = mkdtempSync(join(tmpdir(), "weft-errors-"));
    admin = JSON.parse(readFileSync(api.kubeconfig, "utf8")) as Kubeconfig;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const kubeconfig = (name: string, over: { cluster?: object; user?: object; context?: string }) => {
    const path = join(folder, name);
    const [{ cluster }] = admin.clusters as readonly [{ cluster: { server: string } }];
    const named = over.context ?? "prod";
    writeFileSync(
      path,
      JSON.stringify({
        ...{ apiVersion: "v1", kind: "Config" },
        clusters: [{ name: "c", cluster: { ...cluster, ...over.cluster } }],
        users: [{ name: "u", user: over.user ?? { token: "nobody" } }],
        contexts: [{ name: named, context: { cluster: "c", user: "u" } }],
        "current-context": named,
      }),
    );
    return path;
  };

  it("no kubeconfig, one that is not there, one that is none", async () => {
    expect(await onCluster(join(folder, "nowhere"), ["analyze"])).toMatchObject({
      code: 66,
      err: expect.stringContaining("there is no such file"),
    });
    writeFileSync(join(folder, "broken"), "clusters: [");
    expect(await onCluster(join(folder, "broken"), ["analyze"])).toMatchObject({
      code: 65,
      err: expect.stringContaining("this is no kubeconfig"),
    });
    const none = await runIt(["analyze", "--as", "somebody"], { home: folder });
    expect(none).toMatchObject({ code: 66, err: expect.stringContaining("there is no kubeconfig") });
  });

  it("a context that is missing, with those that are there", async () => {
    const { code, err } = await onCluster(kubeconfig("one", {}), ["analyze", "--context", "prd"]);
    expect(code).toBe(4);
    expect(err).toContain('has no context "prd"; it has: prod');
  });

  it("the API server is down", async () => {
    const server = "https://127.0.0.1:1";
    const { code, err } = await onCluster(kubeconfig("down", { cluster: { server } }), ["analyze"]);
    expect(code).toBe(69);
    expect(err).toContain(`no API server at ${server} (connection refused), which context prod names`);
    expect(err).toContain("--context");
  });

  it("its address answers nothing: within 3 s, in spite of a longer --timeout", async () => {
    // Nobody accepts: the connection stands, and TLS never begins.
    const silent: Server = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const { port } = silent.address() as { port: number };
    const path = kubeconfig("silent", { cluster: { server: `https://127.0.0.1:${port}` } });
    const { code, err } = await onCluster(path, ["analyze", "--timeout", "10m"]);
    silent.close();
    expect(code).toBe(69);
    expect(err).toContain("(no connection in time)");
  });

  it("the kubeconfig's authority is another cluster's", async () => {
    const other = {
      "insecure-skip-tls-verify": false,
      "certificate-authority-data": Buffer.from(rootCertificates[0] ?? "").toString("base64"),
    };
    const { code, err } = await onCluster(kubeconfig("ca", { cluster: other }), ["analyze"]);
    expect(code).toBe(69);
    expect(err).toContain("shows a certificate that the kubeconfig's authority did not sign");
  });

  it("a token that has expired", async () => {
    const { code, err } = await onCluster(kubeconfig("expired", { user: { token: await expiredToken(api) } }), [
      "analyze",
    ]);
    expect(code).toBe(5);
    expect(err).toContain("does not accept the credentials of context prod");
    expect(err).toContain("log in again");
  });

  it("the command of the credentials is not there", async () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "/no/such/login", interactiveMode: "Never" };
    const { code, err } = await onCluster(kubeconfig("exec", { user: { exec } }), ["analyze"]);
    expect(code).toBe(69);
    expect(err).toContain("gets its credentials is not there");
  });

  it("a right that is missing, by its name", async () => {
    const path = await api.account({ namespace: "cli-errors", name: "nobody" });
    const { err } = await onCluster(path, ["analyze"]);
    expect(err).toContain("what concerns them was not checked");
    const denied = await onCluster(path, ["analyze", "--as", "admin"]);
    expect(denied.code).toBe(5);
    expect(denied.err).toContain("the right to impersonate users");
  });

  it("KUBECONFIG and ~/.kube/config are found; the first of several files counts", async () => {
    const home = join(folder, "home");
    mkdirSync(join(home, ".kube"), { recursive: true });
    const down = (context: string, port: number) =>
      readFileSync(kubeconfig(context, { context, cluster: { server: `https://127.0.0.1:${port}` } }), "utf8");
    writeFileSync(join(home, ".kube", "config"), down("at-home", 1));
    expect((await runIt(["analyze"], { home })).err).toContain("context at-home");
    down("first", 2);
    down("second", 3);
    const env = { KUBECONFIG: [join(folder, "gone"), join(folder, "first"), join(folder, "second")].join(":") };
    expect((await runIt(["analyze"], { home, env })).err).toContain(
      "127.0.0.1:2 (connection refused), which context first",
    );
    const second = await runIt(["analyze", "--context", "second"], { home, env });
    // Clusters of one name: the first file's holds, as kubectl has it.
    expect(second.err).toContain("127.0.0.1:2 (connection refused), which context second");
  });

  it("--server and --context name two meshes", async () => {
    const { code, err } = await onCluster(kubeconfig("two", {}), ["analyze", "--server", "http://localhost:1"]);
    expect(code).toBe(64);
    expect(err).toContain("--server and --kubeconfig name two meshes");
  });
});

/** A token of a ServiceAccount, signed by the API server's own key, that ended an hour ago. */
function expiredToken(api: ApiServer): Promise<string> {
  const key = createPrivateKey(readFileSync(join(dirname(api.kubeconfig), "accounts.key"), "utf8"));
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  const identity = { namespace: "default", serviceaccount: { name: "default", uid: "1" } };
  return new SignJWT({ "kubernetes.io": identity })
    .setProtectedHeader({ alg: "ES256" })
    .setIssuer("https://kubernetes.default.svc")
    .setAudience("https://kubernetes.default.svc")
    .setSubject("system:serviceaccount:default:default")
    .setIssuedAt(hourAgo - 600)
    .setExpirationTime(hourAgo)
    .sign(key);
}
