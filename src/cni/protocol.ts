/** What the plugin asks about one Pod; as `plugin/agent.go` sends it. */
export interface Question {
  readonly command: "ADD" | "CHECK";
  /** Path of the Pod's network namespace, as the host sees it. */
  readonly netns: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  /** Absent where the runtime hands on none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the plugins before it made. https://www.cni.dev/docs/spec/#add-success */
  readonly prevResult?: { readonly ips?: readonly { readonly address?: string }[] };
}

/** What the plugin is told: done (or nothing to do), or why not, in words for the Pod's events. */
export type Answer = { readonly ok: true } | { readonly error: string };

/** What a probe of the agent's own Pod asks, by the same program: whether Pods can be redirected, or whether it runs at all. */
export type StateQuestion = { readonly command: "ready" | "alive" };

/** Reads a question. Throws an Error where it is none. */
export function questionOf(text: string): Question | StateQuestion {
  const value = JSON.parse(text) as Partial<Question> | StateQuestion;
  if (isState(value)) return value;
  const { command, netns, namespace, name } = value;
  if (command !== "ADD" && command !== "CHECK") throw new Error(`command ${JSON.stringify(command)} is unknown`);
  if (![netns, namespace, name].every((said) => typeof said === "string" && said !== ""))
    throw new Error("netns, namespace or name is missing");
  return value as Question;
}

/** Whether the agent itself is meant, not a Pod. */
export function isState(question: Partial<Question> | StateQuestion): question is StateQuestion {
  return question.command === "ready" || question.command === "alive";
}

/** The Pod's addresses, without their prefix lengths: `10.244.0.7`. */
export function addressesOf({ prevResult }: Question): readonly string[] {
  return (prevResult?.ips ?? []).flatMap(({ address }) => address?.split("/")[0] ?? []);
}
