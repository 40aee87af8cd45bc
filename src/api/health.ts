import type { Health } from "./contract/health.ts";
import type { MeasuredEdge } from "./edges.ts";
import { proxyId, syncOf } from "./proxy-state.ts";
import type { Member } from "./roster.ts";
import { judge, type Tolerance } from "./tolerance.ts";

/** From these shares of failed requests on, a workload is degraded or failing. Fewer than three failed requests are not called failing. */
export const errorShares = { degraded: 0.01, failing: 0.1, failingFrom: 3 } as const;

/** A state with the sentence that says why. */
export interface Verdict {
  readonly health: Health;
  readonly sentence: string;
}

const order: readonly Health[] = ["healthy", "unknown", "degraded", "failing"];

/** The worse of two states; no knowledge is worse than health, and better than trouble. */
export function worse(a: Health, b: Health): Health {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** How well requests on some edges fare, by rules of whoever answers them where it has some; unknown without any. */
export function trafficHealth(edges: readonly MeasuredEdge[], rules?: readonly Tolerance[]): Health {
  if (rules !== undefined) return judge(edges, rules);
  const count = edges.reduce((n, e) => n + e.count, 0);
  const errors = edges.reduce((n, e) => n + e.errors, 0);
  if (count === 0) return "unknown";
  const share = errors / count;
  if (share >= errorShares.failing && errors >= errorShares.failingFrom) return "failing";
  return share >= errorShares.degraded ? "degraded" : "healthy";
}

/** A workload's state: its pods, its proxies, and how it answers; the worst of them has the sentence. */
export function workloadHealth(member: Member, inbound: readonly MeasuredEdge[]): Verdict {
  const verdicts = [podVerdict(member), proxyVerdict(member), answerVerdict(inbound, member.tolerances)].filter(
    (v) => v !== undefined,
  );
  const worst = verdicts.reduce<Verdict | undefined>(
    (a, b) => (a && worse(a.health, b.health) === a.health ? a : b),
    undefined,
  );
  if (worst) return worst;
  if (member.pods.length === 0 && member.proxies.length === 0) {
    return { health: "unknown", sentence: member.desired === 0 ? "scaled to none" : "nothing runs for it here" };
  }
  return { health: "healthy", sentence: wellSentence(member) };
}

/** What its pods say; undefined when all are well. */
export function podVerdict(member: Member): Verdict | undefined {
  const crashed = member.pods.find((p) => p.application === "crashed");
  const ready = member.pods.filter((p) => p.ready).length;
  if (member.pods.length === 0 || (ready >= member.desired && !crashed)) return undefined;
  const health =
    ready === 0 && (crashed || member.pods.every((p) => p.application !== "starting")) ? "failing" : "degraded";
  if (crashed) {
    const why = crashed.message ? ` (${crashed.message})` : "";
    return { health, sentence: `${crashed.name} crashed${why}; started again ${times(crashed.restarts)}` };
  }
  const waiting = member.pods.find((p) => !p.ready);
  const why = waiting?.message ? `: ${waiting.message}` : "";
  return {
    health,
    sentence: `${ready} of ${member.desired} replicas ready${waiting ? `; waiting for ${waiting.name}${why}` : ""}`,
  };
}

/** What its proxies say; undefined when all are connected and refused nothing. */
export function proxyVerdict(member: Member): Verdict | undefined {
  const refused = member.proxies.find((p) => syncOf(p) === "refused");
  if (refused) {
    const [type, state] = [...refused.types].find(([, t]) => t.error !== undefined) ?? [];
    const from = state?.origins?.length ? ` from ${state.origins.join(", ")}` : "";
    return {
      health: "degraded",
      sentence: `${proxyId(refused)} refused ${type}${from} and keeps what it had: ${state?.error}`,
    };
  }
  const gone = member.proxies.filter((p) => !p.connected);
  if (gone.length > 0) {
    const [one] = gone;
    const sentence =
      gone.length === 1 && one
        ? `${proxyId(one)} is not connected; it goes on with what it has`
        : `${gone.length} of ${member.proxies.length} proxies are not connected; they go on with what they have`;
    return { health: "degraded", sentence };
  }
  return undefined;
}

/** What its answers say; undefined when all is well, or when nobody asked. */
export function answerVerdict(inbound: readonly MeasuredEdge[], rules?: readonly Tolerance[]): Verdict | undefined {
  const health = trafficHealth(inbound, rules);
  if (health === "healthy" || health === "unknown") return undefined;
  const worst = [...inbound].sort((a, b) => b.errors - a.errors)[0];
  const count = inbound.reduce((n, e) => n + e.count, 0);
  const errors = inbound.reduce((n, e) => n + e.errors, 0);
  const code = worst ? worstCode(worst) : undefined;
  if (errors === 0) return { health, sentence: `more of its answers are ${codesOf(rules)} than its rules allow` };
  return { health, sentence: `${percent(errors / count)} of its requests fail${code ? `, most with ${code}` : ""}` };
}

function codesOf(rules: readonly Tolerance[] = []): string {
  return rules.map((rule) => rule.code).join(" or ");
}

/** The failing answer that an edge has most of: `503`, `no answer`, `gRPC errors`. */
export function worstCode(edge: MeasuredEdge): string | undefined {
  const failing = Object.entries(edge.codes).filter(([code]) => Number(code) >= 500 || Number(code) === 0);
  const [code] = failing.sort(([, a], [, b]) => b - a)[0] ?? [];
  if (code === undefined) return edge.errors > 0 && edge.protocol === "grpc" ? "gRPC errors" : undefined;
  return code === "0" ? "no answer" : code;
}

function wellSentence(member: Member): string {
  const ready = member.pods.filter((p) => p.ready).length;
  const stale = member.proxies.filter((p) => syncOf(p) === "stale").length;
  const pods = member.pods.length > 0 ? `${ready} of ${member.desired} ready` : undefined;
  const proxies =
    member.proxies.length === 0
      ? "not in the mesh"
      : stale === 0
        ? "in sync"
        : `${stale} of ${member.proxies.length} proxies not in sync yet`;
  return [pods, proxies].filter((part) => part !== undefined).join(", ");
}

/** `12 %`, `0.4 %`, as few digits as help. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || value === 0 ? Math.round(value) : Number(value.toPrecision(1))} %`;
}

function times(n: number): string {
  return n === 1 ? "once" : n === 2 ? "twice" : `${n} times`;
}
