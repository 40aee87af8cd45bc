import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownAddress } from "../../proxy/own-address.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { type Replica, rootOf, startControlPlane } from "../control-plane.ts";
import { noApiServer } from "../shared.ts";

const crds = new URL("../../../charts/weft-crds/files/", import.meta.url);

describe.skipIf(noApiServer())("the validation webhook", () => {
  let api: OwnApiServer;
  let plane: Replica;
  let root: string;
  const address = ownAddress();
  const url = `https://${address}:15017/validate`;

  beforeAll(async () => {
    api = await ownApiServer();
    const files = readdirSync(crds, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
    await api.kubectl(
      ["apply", "--server-side", "-f", "-"],
      files.map((name) => readFileSync(new URL(name, crds), "utf8")).join("\n---\n"),
    );
    for (const name of ["istio-system", "shop"]) await api.kubectl(["create", "namespace", name]);
    await api.kubectl(["wait", "--for=condition=Established", "crd", "--all"]);
    plane = startControlPlane({ api, address });
    await plane.isReady();
    root = await rootOf(api);
    await api.kubectl(["apply", "-f", "-"], JSON.stringify(webhook()));
  });
  afterAll(async () => {
    await plane?.stop();
    await api?.close();
  });

  const webhook = () => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "weft-validator" },
    webhooks: [
      {
        name: "validation.weft.dev",
        clientConfig: { url, caBundle: Buffer.from(root).toString("base64") },
        rules: [
          {
            apiGroups: ["networking.istio.io", "security.istio.io", "telemetry.istio.io", "gateway.networking.k8s.io"],
            apiVersions: ["*"],
            operations: ["CREATE", "UPDATE", "DELETE"],
            resources: ["*"],
          },
        ],
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });

  /** What kubectl prints of an object: what became of it, or why not. */
  const apply = (yaml: string, ...flags: string[]) =>
    api.kubectl(["apply", ...flags, "-f", "-"], yaml).catch((error: Error) => error.message);

  const virtualService = (name: string, http: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec: {hosts: [reviews], http: [${http}]}
`;

  it("refuses with code, field and what to write; the rest of the file is taken", async () => {
    const bad = virtualService("bad", '{match: [{uri: {regex: "("}}], route: [{destination: {host: reviews}}]}');
    const good = virtualService("good", "{route: [{destination: {host: reviews}}]}");
    const said = await apply(`${bad}---${good}`);
    expect(said).toContain(
      'admission webhook "validation.weft.dev" denied the request: WEFT0016 spec.http[0].match[0].uri.regex: "uri": RE2 refuses "("',
    );
    expect(await api.kubectl(["get", "virtualservice", "-n", "shop", "-o", "name"])).toBe(
      "virtualservice.networking.istio.io/good\n",
    );
    await api.kubectl(["delete", "virtualservice", "good", "-n", "shop"]);
  });

  it("tells all that is wrong, each in a line", async () => {
    const policy = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: keys, namespace: shop}
spec: {rules: [{when: [{key: "request.heders[x]", values: [a]}, {key: "request.heders[y]", values: [a]}]}]}
`;
    const said = await apply(policy);
    expect(said).toMatch(/IST0106 spec\.rules\[0\]\.when\[0\]\.key: .*\nIST0106 .*/);
    expect(said).toContain("spec.rules[0].when[1].key");
  });

  it("refuses what the ledger refuses", async () => {
    const patch = `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: waypoint, namespace: shop}
spec: {configPatches: [{applyTo: LISTENER, match: {context: SIDECAR_OUTBOUND, listener: {portName: http}}, patch: {operation: MERGE, value: {}}}]}
`;
    expect(await apply(patch)).toMatch(
      /denied the request: WEFT0020 spec\.configPatches\[0\]\.match\.listener\.portName: /,
    );
  });

  it("warns of what the object would break in the mesh as it is, and takes it", async () => {
    const lost = virtualService("lost", "{route: [{destination: {host: nobody}}]}");
    expect(await apply(lost, "--warnings-as-errors")).toMatch(
      /Warning: IST0101\/KIA1101 spec\.http\[0\]\.route\[0\]\.destination\.host: Referenced host not found: "nobody"; /,
    );
    expect(await api.kubectl(["delete", "virtualservice", "lost", "-n", "shop"])).toContain("deleted");
  });

  it("lets everything be deleted, and kinds that it does not know be created", async () => {
    await apply(virtualService("leaving", "{route: [{destination: {host: reviews}}]}"));
    expect(await api.kubectl(["delete", "virtualservice", "leaving", "-n", "shop"])).toContain("deleted");
    const other = (verb: string) => review({ operation: verb, kind: { group: "acme.io", version: "v1", kind: "Cat" } });
    expect(await other("CREATE")).toMatchObject({ response: { uid: "1", allowed: true } });
  });

  it("does nothing in a dry run but say the same", async () => {
    const bad = virtualService("dry", '{match: [{uri: {regex: "("}}], route: [{destination: {host: reviews}}]}');
    expect(await apply(bad, "--dry-run=server")).toContain("denied the request: WEFT0016");
  });

  /** The webhook's own answer, without an API server between. */
  const review = (fields: object, headers: Readonly<Record<string, string>> = {}) => {
    const body = JSON.stringify({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: { uid: "1", ...fields },
    });
    return new Promise<unknown>((resolve, reject) => {
      const options = { method: "POST", ca: root, headers: { "content-type": "application/json", ...headers } };
      const sent = request(url, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  };
});
