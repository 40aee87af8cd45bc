import type { DraftAnswer } from "./contract/edit.ts";
import type { ConfigFacts } from "./contract/facts.ts";
import type { Reference, References } from "./contract/references.ts";
import type { Sight } from "./who/caller.ts";

/** Whether somebody sees a namespace; what is in none is everybody's who sees some. */
export function isSeen(sight: Sight, namespace: string): boolean {
  return sight === "all" || namespace === "" || sight.has(namespace);
}

/** Names of the namespaces that are seen alone. */
export function factsSeen(facts: ConfigFacts, sight: Sight): ConfigFacts {
  if (sight === "all") return facts;
  const seen = ({ namespace }: { readonly namespace: string }) => isSeen(sight, namespace);
  return {
    ...facts,
    namespaces: facts.namespaces.filter((namespace) => isSeen(sight, namespace)),
    services: facts.services.filter(seen),
    servicesLeft: 0,
    workloads: facts.workloads.filter(seen),
    gateways: facts.gateways.filter(seen),
  };
}

/** References to and from objects that are seen, and to what is not there. */
export function referencesSeen({ uses, usedBy }: References, sight: Sight): References {
  const seen = ({ object }: Reference) => object === undefined || isSeen(sight, object.namespace);
  return { uses: uses.filter(seen), usedBy: usedBy.filter(seen) };
}

/** What a draft would do to others, as far as those are seen. */
export function draftSeen(answer: DraftAnswer, sight: Sight): DraftAnswer {
  const seen = ({ origin }: { readonly origin: string }) => isSeen(sight, namespaceOf(origin));
  return { ...answer, brought: answer.brought.filter(seen), mended: answer.mended.filter(seen) };
}

/** `default` of `VirtualService default/reviews`. */
function namespaceOf(origin: string): string {
  return /^\S+ ([^/\s]+)\/\S+$/.exec(origin)?.[1] ?? "";
}
