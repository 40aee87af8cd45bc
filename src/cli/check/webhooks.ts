import { X509Certificate } from "node:crypto";
import type { Found } from "../../api/checks/found.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { rootPem, type WebhookConfiguration, webhookConfigurations } from "../kube/webhooks.ts";
import type { Category } from "./check.ts";

const dayMs = 86_400_000;
/** From when on an end is told. */
const soonMs = 30 * dayMs;

/** The webhooks: there, trusting the mesh's authority, and answering. And that authority's certificate. */
export function webhookChecks(cluster: KubeCluster, now: () => number): Category {
  return {
    name: "webhooks-and-certificates",
    checks: [
      { name: "the root certificate is valid", run: async () => rootFound(await rootPem(cluster), now()) },
      {
        name: "injection and validation have their webhooks",
        run: async () => absent(await webhookConfigurations(cluster)),
      },
      { name: "their caBundle is the mesh's authority", run: () => untrusted(cluster) },
      { name: "the API server reaches the injection webhook", run: () => tryOut(cluster, injected(cluster)) },
      { name: "the API server reaches the validation webhook", run: () => tryOut(cluster, validated(cluster)) },
    ],
  };
}

function rootFound(pem: string | undefined, now: number): Found | undefined {
  if (pem === undefined)
    return {
      outcome: "failed",
      says: "ConfigMap weft-ca-root-cert is not there, or holds no certificate",
      hint: "the control plane writes it: see whether it is ready, and its log",
    };
  const left = Date.parse(new X509Certificate(pem).validTo) - now;
  if (left > soonMs) return undefined;
  const says = left < 0 ? "it has ended" : `it ends in ${Math.floor(left / dayMs)} days`;
  return { outcome: left < 0 ? "failed" : "warning", says, hint: "renew the authority (Secret weft-ca)" };
}

function absent(all: readonly WebhookConfiguration[]): readonly Found[] {
  return (["Mutating", "Validating"] as const)
    .filter((kind) => !all.some((one) => one.kind === `${kind}WebhookConfiguration`))
    .map((kind) => ({
      outcome: "failed",
      says: `there is no ${kind}WebhookConfiguration with label app=weft`,
      hint: "weft install brings it",
    }));
}

async function untrusted(cluster: KubeCluster): Promise<readonly Found[]> {
  const root = await rootPem(cluster);
  const all = await webhookConfigurations(cluster);
  return all.flatMap(({ kind, metadata, webhooks = [] }) =>
    webhooks
      .filter(({ clientConfig }) => root === undefined || !bundleHolds(clientConfig.caBundle ?? "", root))
      .slice(0, 1)
      .map((webhook) => ({
        outcome: "failed" as const,
        says: `${kind} ${metadata.name}, ${webhook.name}: ${webhook.clientConfig.caBundle ? "its caBundle is another authority's" : "it has no caBundle"}`,
        hint: "the leader among the replicas writes it: see its log for why it cannot",
      })),
  );
}

function bundleHolds(caBundle: string, root: string): boolean {
  const plain = (pem: string) => pem.replace(/\s+/g, "");
  return plain(Buffer.from(caBundle, "base64").toString()).includes(plain(root));
}

interface Trial {
  readonly path: string;
  readonly body: object;
}

/** A Pod that asks for a sidecar; it is not created. */
function injected(cluster: KubeCluster): Trial {
  const labels = {
    "sidecar.istio.io/inject": "true",
    ...(cluster.revision ? { "istio.io/rev": cluster.revision } : {}),
  };
  const body = {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { generateName: "weft-check-", labels } },
    spec: { containers: [{ name: "check", image: "check" }] },
  };
  return { path: `/api/v1/namespaces/${cluster.namespace}/pods`, body };
}

function validated(cluster: KubeCluster): Trial {
  const spec = { hosts: ["weft-check.example"], http: [{ directResponse: { status: 200 } }] };
  return {
    path: `/apis/networking.istio.io/v1/namespaces/${cluster.namespace}/virtualservices`,
    body: {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { generateName: "weft-check-" },
      spec,
    },
  };
}

/** Has the API server go through its webhooks without creating anything. */
async function tryOut(cluster: KubeCluster, { path, body }: Trial): Promise<Found | undefined> {
  try {
    await cluster.ask(path, { method: "POST", body, query: { dryRun: "All" } });
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (/failed calling webhook|failed to call webhook/.test(error.message))
      return {
        outcome: "failed",
        says: error.message,
        hint: "see the Service's endpoints, network policies, and the control plane's log",
      };
    if (error.exitCode === exitCodes.denied || error.exitCode === exitCodes.notFound)
      return { outcome: "skipped", says: `a trial was not possible: ${error.message}` };
    // Whoever refuses the trial was reached, or came before.
    return undefined;
  }
}
