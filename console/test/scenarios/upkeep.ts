import type { CertificateSummary, CertificatesAnswer } from "../../../src/api/contract/certificates.ts";
import type { CheckAnswer, CheckResult } from "../../../src/api/contract/check.ts";
import type { World } from "./world.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** What upkeep says of a made-up world: its certificates, and what `weft check` prints. */
export const upkeep: Readonly<Record<string, (world: World) => unknown>> = { certificates, check };

function certificates({ graph: { at }, workloads, mesh }: World): CertificatesAnswer {
  const of = (
    kind: CertificateSummary["kind"],
    name: string,
    from: number,
    to: number,
    more = {},
  ): CertificateSummary => ({
    kind,
    name,
    subject: "",
    serial: name.length.toString(16).padStart(6, "7f3a"),
    issuer: `O=${mesh.trustDomain}`,
    notBefore: at + from,
    notAfter: at + to,
    renewed: true,
    holders: ["control plane"],
    ...more,
  });
  const leaves = workloads
    .filter((w) => w.proxies.length > 0)
    .map((w, i) =>
      of(
        "workload",
        `spiffe://${mesh.trustDomain}/ns/${w.namespace}/sa/${w.serviceAccount}`,
        -3 * hour,
        21 * hour - i * 1000,
        {
          holders: w.proxies.map((p) => p.id),
          serial: (0x5a11 + i * 977).toString(16),
        },
      ),
    );
  const gone = mesh.health === "failing" && leaves[0];
  return {
    items: [
      of("root", `O=${mesh.trustDomain}, CN=root 1`, -20 * day, 3630 * day, { state: "active" }),
      of("control plane", "istiod.istio-system.svc", -5 * hour, 19 * hour),
      of("gateway", "bookinfo.example.com", -50 * day, 40 * day, {
        renewed: false,
        holders: ["Secret istio-system/bookinfo-cert"],
      }),
      ...leaves,
    ],
    silent: [],
    ...(gone ? { failed: [{ identity: gone.name, at: at - 40_000, error: "the root does not sign yet" }] } : {}),
  };
}

function check({ mesh, workloads }: World): CheckAnswer {
  const ok = (category: string, name: string): CheckResult => ({ category, name, outcome: "ok" });
  const bare = workloads.filter((w) => w.proxies.length === 0);
  return {
    items: [
      ok("control-plane", "what it reads is of now"),
      ok("control-plane", "traffic's history is kept on disk"),
      ok("certificates", "the authority can sign"),
      ok("certificates", "every renewal succeeded"),
      ok("proxies", "they are connected"),
      mesh.proxies.synced === mesh.proxies.total
        ? ok("proxies", "they are in sync")
        : {
            category: "proxies",
            name: "they are in sync",
            outcome: "failed",
            says: `${mesh.proxies.total - mesh.proxies.synced} refused a part of their configuration`,
            hint: "weft proxy-status POD has Envoy's words",
          },
      bare.length === 0
        ? ok("workloads", "a proxy stands beside each")
        : {
            category: "workloads",
            name: "a proxy stands beside each",
            outcome: "warning",
            says: `${bare.length} have none: ${bare.map((w) => `${w.namespace}/${w.name}`).join(", ")}`,
            hint: "label their namespace istio-injection=enabled, and restart them",
          },
    ],
  };
}
