import type { Act, Change, Rights, Subject } from "../api/who/caller.ts";
import type { Verifier } from "../api/who/gate.ts";
import { digestOf } from "../api/who/secrets.ts";
import { type ResourceAttributes, reviewAccess } from "../kubernetes/access-review.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { inFlight } from "../kubernetes/in-flight.ts";
import { reviewToken } from "../kubernetes/token-review.ts";
import type { Clock } from "../std/clock.ts";

/** An answer of the API server counts for this long: a right that is taken away is gone after it. */
const freshMs = 30_000;
const mostKept = 20_000;
/** Questions under way at once; the others wait. */
const mostAsked = 16;

export interface KubernetesUsers {
  /** Whose token it is, by TokenReview. */
  readonly verifier: Verifier;
  /** What somebody may, by SubjectAccessReview as them. */
  readonly rightsOf: (subject: Subject) => Rights;
}

export interface KubernetesUsersOptions {
  readonly client: KubernetesClient;
  /** Where the control plane is installed. */
  readonly namespace: string;
  readonly clock: Clock;
}

/** Users of a cluster: who they are and what they may, the API server says. */
export function kubernetesUsers({ client, namespace, clock }: KubernetesUsersOptions): KubernetesUsers {
  const turns = inFlight(mostAsked);
  const known = fresh<Awaited<ReturnType<Verifier>>>(clock);
  const allowed = fresh<boolean>(clock);
  const may = ({ name, groups, extra = {} }: Subject, attributes: ResourceAttributes) =>
    allowed(JSON.stringify([name, groups, extra, attributes]), () =>
      turns.run(() => reviewAccess(client, { username: name, groups, extra }, attributes)),
    );
  const ask = async (bearer: string): ReturnType<Verifier> => {
    const answer = await turns.run(() => reviewToken(client, bearer));
    if ("refused" in answer) return answer;
    const { username, groups, extra } = answer;
    return { name: username, groups, extra, how: "kubernetes", bearer };
  };
  return {
    verifier: async (token) => {
      try {
        return await known(digestOf(token), () => ask(token));
      } catch (error) {
        return { refused: `the API server cannot be asked: ${(error as Error).message}`, unavailable: true };
      }
    },
    rightsOf: (subject) => ({
      may: (act) => may(subject, attributesOf(act, namespace)),
      async sees(namespaces) {
        // Whoever may list the Pods of a namespace sees it.
        const pods = { verb: "list", group: "", resource: "pods" } as const;
        if (await may(subject, { ...pods, namespace: "" })) return "all";
        const names = namespaces();
        const seen = await Promise.all(names.map((name) => may(subject, { ...pods, namespace: name })));
        return new Set(names.filter((_, i) => seen[i]));
      },
    }),
  };
}

/** What an act is in the API server's words. What concerns the whole mesh may do whoever may write the authority's key. */
function attributesOf(act: Act, installed: string): ResourceAttributes {
  if (act.what === "operate")
    return { verb: "update", group: "", resource: "secrets", namespace: installed, name: "weft-ca" };
  const { namespace } = act;
  if (act.what === "logs") return { verb: "get", group: "", resource: "pods", subresource: "log", namespace };
  if (act.what === "proxy")
    return { verb: "create", group: "", resource: "pods", subresource: "portforward", namespace };
  return changeOf(act);
}

function changeOf({ what, type, namespace, name }: Change): ResourceAttributes {
  const [kind = "", ...group] = type.split(".");
  const verb = what === "update" ? "patch" : what;
  // RBAC does not see the name of what is created.
  const named = what === "create" ? {} : { name };
  return { verb, group: group.join("."), resource: pluralOf(kind), namespace, ...named };
}

/** `virtualservices`, `serviceentries`, `gatewayclasses`: as all kinds that the mesh reads form it. */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith("points")) return lower;
  if (/(s|x|ch)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** Keeps answers for a while; what fails is not kept, and what is under way is asked once. */
function fresh<T>(clock: Clock) {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();
  return (key: string, ask: () => Promise<T>): Promise<T> => {
    const found = kept.get(key);
    if (found !== undefined && clock.now() - found.at < freshMs) return found.answer;
    const answer = ask();
    kept.delete(key);
    kept.set(key, { at: clock.now(), answer });
    answer.catch(() => kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return answer;
  };
}
