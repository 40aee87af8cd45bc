import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { decide } from "./decision.ts";
import type { NetworkNamespaces } from "./namespace.ts";
import { type Answer, addressesOf, type Question } from "./protocol.ts";
import type { Redirected } from "./redirected.ts";

export interface RedirectOptions {
  readonly namespaces: NetworkNamespaces;
  readonly redirected: Redirected;
  /** nftables rules of a Pod with these annotations. */
  readonly rules: (annotations: Readonly<Record<string, string>>) => string;
  /** A Pod's annotations, asked from the API server; rejects with words where there is no such Pod. */
  readonly annotationsOf: (pod: Question) => Promise<Readonly<Record<string, string>>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers the plugin: redirects the Pod it asks about, or checks that it is. Rejects with words for the Pod's events. */
export function redirector(options: RedirectOptions): (question: Question) => Promise<Answer> {
  const { namespaces, redirected, rules, annotationsOf, clock } = options;
  return async (question) => {
    const log = options.log.with({ pod: `${question.namespace}/${question.name}` });
    const begun = clock.now();
    const annotations = question.annotations ?? (await annotationsOf(question));
    const decision = decide(annotations);
    if (!decision.redirect) {
      log.debug("not redirected", { why: decision.skip });
      return { ok: true };
    }
    const place = await namespaces.place(question.netns);
    if (question.command === "CHECK") {
      if (await namespaces.hasRules(place)) return { ok: true };
      return { error: "the rules that redirect it are no longer in its network namespace" };
    }
    await namespaces.load(place, rules(annotations));
    redirected.add(place, addressesOf(question));
    log.info("redirected", { netns: place, ms: clock.now() - begun });
    return { ok: true };
  };
}
