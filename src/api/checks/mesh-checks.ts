import { codes } from "../../model/codes.ts";
import type { CertificatesAnswer } from "../contract/certificates.ts";
import type { CheckResult } from "../contract/check.ts";
import { formatFinding } from "../findings.ts";
import { proxyId, proxySummary } from "../proxy-state.ts";
import { rosterOf } from "../roster.ts";
import type { MeshState } from "../state.ts";
import { type Found, some } from "./found.ts";
import { ending, outOfSync, versions, vulnerable } from "./proxies.ts";

export interface Checked {
  readonly state: MeshState;
  readonly now: number;
  /** Why history is not kept on disk. */
  readonly historyError?: string;
  /** Absent where there is no authority. */
  readonly certificates?: CertificatesAnswer;
}

/** What a control plane can tell of itself and of its proxies, one thing after the other. */
export function meshChecks(checked: Checked): CheckResult[] {
  const { state, now } = checked;
  const diagnostics = state.diagnostics();
  const proxies = state.proxies().map(proxySummary);
  return [
    ...category("control-plane", [
      ["what it reads is of now", of(diagnostics.filter((d) => d.code === codes.stale))],
      ["it may read what it needs", of(diagnostics.filter((d) => d.code === codes.mayNotRead))],
      ["traffic's history is kept on disk", history(checked)],
      ["its own version and its proxies' fit", ownVersion(state)],
    ]),
    ...category("certificates", certificateChecks(checked)),
    ...category("proxies", [
      ["they are connected", unconnected(state)],
      ["they are in sync", outOfSync(proxies)],
      ["their certificates last", ending(proxies, now)],
      ["their Envoys are of one version", versions(proxies)],
      ["their Envoys have no known vulnerabilities", vulnerable(proxies)],
    ]),
    ...category("workloads", [
      ["their replicas are ready", unready(state)],
      ["a proxy stands beside each", bare(state)],
    ]),
    ...category("configuration", [["no object has an error", errors(state)]]),
  ];
}

type Asked = readonly [name: string, found: readonly Found[]];

function category(name: string, asked: readonly Asked[]): CheckResult[] {
  return asked.flatMap(([check, found]): CheckResult[] =>
    found.length === 0
      ? [{ category: name, name: check, outcome: "ok" }]
      : found.map((one) => ({ category: name, name: check, ...one })),
  );
}

function of(diagnostics: ReturnType<MeshState["diagnostics"]>): readonly Found[] {
  return diagnostics.map(({ level, message, fix }) => ({
    outcome: level === "Error" ? "failed" : "warning",
    says: message,
    ...(fix === undefined ? {} : { hint: fix }),
  }));
}

function history({ historyError }: Checked): readonly Found[] {
  if (historyError === undefined) return [];
  return [
    {
      outcome: "warning",
      says: `the last minutes are kept in memory alone: ${historyError}`,
      hint: "make room on that disk",
    },
  ];
}

function ownVersion(state: MeshState): readonly Found[] {
  const { envoyVersion } = state.about();
  const others = state
    .proxies()
    .filter((p) => p.connected && p.envoyVersion !== undefined && minor(p.envoyVersion) !== minor(envoyVersion));
  return some(
    others.map((p) => `${proxyId(p)} (${p.envoyVersion})`),
    "warning",
    `run another Envoy than ${envoyVersion}, for which this control plane is made`,
    "restart these workloads",
  );
}

function minor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function certificateChecks({ certificates, now }: Checked): readonly Asked[] {
  if (certificates === undefined)
    return [["the authority can sign", [{ outcome: "skipped", says: "there is none here: it runs with --plaintext" }]]];
  const { trouble, items, failed = [] } = certificates;
  const days = 30;
  const roots = items.filter((c) => c.kind === "root" && c.state === "active" && c.notAfter - now < days * 86_400_000);
  const shown = items.filter((c) => c.kind === "gateway" && c.notAfter - now < 7 * 86_400_000);
  return [
    [
      "the authority can sign",
      trouble === undefined ? [] : [{ outcome: "failed", says: trouble, hint: "weft certs says how it is" }],
    ],
    [
      "every renewal succeeded",
      some(
        failed.map((one) => `${one.identity} (${one.error})`),
        "failed",
        "were to have a new certificate and have the old one still",
        "it is tried again at least every minute; the control plane's log has more",
      ),
    ],
    [
      `the root lasts for ${days} days`,
      some(
        roots.map((c) => c.name),
        "warning",
        "ends soon",
        "weft certs rotate root",
      ),
    ],
    [
      "certificates that gateways show last for a week",
      some(
        shown.map((c) => `${c.name} (${c.holders.join(", ")})`),
        "warning",
        "end within a week",
        "renew them where they were made; Weft does not",
      ),
    ],
  ];
}

function unconnected(state: MeshState): readonly Found[] {
  return some(
    state
      .proxies()
      .filter((p) => !p.connected)
      .map(proxyId),
    "failed",
    "are not connected; they go on with what they have",
    "weft logs POD -c proxy says why",
  );
}

function unready(state: MeshState): readonly Found[] {
  return some(
    state
      .pods()
      .filter((p) => !p.ready)
      .map((p) => `${p.name}.${p.namespace}${p.message ? ` (${p.message})` : ""}`),
    "warning",
    "are not ready",
    "weft logs POD",
  );
}

function bare(state: MeshState): readonly Found[] {
  const members = [...rosterOf(state).values()].filter((m) => m.pods.length > 0 && m.proxies.length === 0);
  return some(
    members.map((m) => `${m.namespace}/${m.name}`),
    "warning",
    "have none: their traffic is neither encrypted nor measured where it ends",
    "label their namespace istio-injection=enabled, and restart them",
  );
}

function errors(state: MeshState): readonly Found[] {
  const snapshot = state.snapshot();
  const found = state
    .diagnostics()
    .filter((d) => d.level === "Error" && d.code !== codes.stale && d.code !== codes.mayNotRead);
  return some(
    found.map((d) => formatFinding(d, snapshot)),
    "failed",
    "errors, each of which leaves its object without effect",
    "weft analyze says how to mend each",
  );
}
