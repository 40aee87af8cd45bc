import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCharts } from "../../../src/install/installation.ts";
import { render } from "../../../src/install/render.ts";
import { overlay } from "../../../src/install/values.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";

const { weft } = readCharts(join(import.meta.dirname, "../../../charts"));
const release = { name: "weft", namespace: "istio-system", service: "weft" };
const values = overlay(weft.values, { secrets: { namespaces: ["shop"] } });
const rbac = render(weft, values, release).filter(({ kind }) => /Role|ServiceAccount/.test(kind));

/** `verb resource[/subresource][.group] [name] [in namespace]`. */
const may = [
  "list services",
  "watch pods",
  "list nodes",
  "watch namespaces",
  "list endpointslices.discovery.k8s.io",
  "watch customresourcedefinitions.apiextensions.k8s.io",
  "list virtualservices.networking.istio.io",
  "list httproutes.gateway.networking.k8s.io",
  "list ratelimits.weft.dev",
  "patch virtualservices/status.networking.istio.io reviews in shop",
  "patch gateways/status.gateway.networking.k8s.io edge in shop",
  "patch ingresses/status.networking.k8s.io web in shop",
  "create configmaps in shop",
  "patch configmaps weft-ca-root-cert in shop",
  "watch configmaps istio in istio-system",
  "create tokenreviews.authentication.k8s.io",
  "create subjectaccessreviews.authorization.k8s.io",
  "list mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "patch mutatingwebhookconfigurations.admissionregistration.k8s.io weft-sidecar-injector",
  "patch validatingwebhookconfigurations.admissionregistration.k8s.io weft-validator",
  "create secrets in istio-system",
  "patch secrets weft-ca in istio-system",
  "watch secrets in istio-system",
  "watch secrets in shop",
  "create leases.coordination.k8s.io in istio-system",
  "update leases.coordination.k8s.io weft-leader in istio-system",
  "patch deployments.apps edge-istio in shop",
  "create services in shop",
  "create serviceaccounts in shop",
];

const mayNot = [
  "list secrets",
  "get secrets tls in default",
  "create secrets in shop",
  "patch secrets gateway-tls in istio-system",
  "delete secrets weft-ca in istio-system",
  "create pods in istio-system",
  "create pods/exec in istio-system",
  "create pods/portforward in default",
  "delete pods in default",
  "patch pods web in default",
  "get nodes/proxy",
  "patch nodes node1",
  "create namespaces",
  "patch namespaces default",
  "patch virtualservices.networking.istio.io reviews in shop",
  "create virtualservices.networking.istio.io in shop",
  "delete gateways.gateway.networking.k8s.io edge in shop",
  "patch configmaps istio in istio-system",
  "patch configmaps coredns in kube-system",
  "delete configmaps weft-ca-root-cert in shop",
  "create mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "patch mutatingwebhookconfigurations.admissionregistration.k8s.io istio-sidecar-injector",
  "patch mutatingwebhookconfigurations.admissionregistration.k8s.io weft-sidecar-injector-canary",
  "delete validatingwebhookconfigurations.admissionregistration.k8s.io weft-validator",
  "patch customresourcedefinitions.apiextensions.k8s.io virtualservices.networking.istio.io",
  "create clusterroles.rbac.authorization.k8s.io",
  "create rolebindings.rbac.authorization.k8s.io in shop",
  "escalate clusterroles.rbac.authorization.k8s.io",
  "impersonate users",
  "create serviceaccounts/token in shop",
  "update leases.coordination.k8s.io kube-scheduler in istio-system",
  "update leases.coordination.k8s.io node1 in kube-node-lease",
  "create daemonsets.apps in shop",
  "create certificatesigningrequests.certificates.k8s.io",
];

describe.skipIf(noApiServer())("the control plane's ServiceAccount, by its API server's word", () => {
  let api: OwnApiServer;
  beforeAll(async () => {
    api = await ownApiServer();
    for (const name of ["istio-system", "shop"]) await api.kubectl(["create", "namespace", name]);
    await api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: rbac }));
  });
  afterAll(() => api?.close());

  test("may do what it does", async () => {
    expect(await answers(may)).toEqual(may.map((what) => `${what}: yes`));
  });

  test("and nothing else", async () => {
    expect(await answers(mayNot)).toEqual(mayNot.map((what) => `${what}: no`));
  });

  const answers = async (list: readonly string[]) => {
    const items = list.map((what) => ({
      ...{ apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview" },
      spec: { user: "system:serviceaccount:istio-system:weft", resourceAttributes: attributes(what) },
    }));
    const text = items.map((item) => JSON.stringify(item)).join("\n---\n");
    const format = 'jsonpath={.status.allowed}{"\\n"}';
    const lines = (await api.kubectl(["create", "-f", "-", "-o", format], text)).trim().split("\n");
    return list.map((what, i) => `${what}: ${lines[i] === "true" ? "yes" : "no"}`);
  };
});

function attributes(what: string): Readonly<Record<string, string>> {
  const [, verb = "", resource = "", subresource = "", group = "", name = "", namespace = ""] =
    /^(\S+) ([a-z]+)(?:\/([a-z]+))?(?:\.(\S+))?(?: (?!in )(\S+))?(?: in (\S+))?$/.exec(what) ?? [];
  const all = { verb, resource, subresource, group, name, namespace };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}
