import { type KeptOptions, keep } from "../../kubernetes/kept.ts";
import type { WatchState } from "../../kubernetes/watch-options.ts";

/** What a revision is called by: its own name, and the tags that point to it now. */
export interface RevisionNames {
  readonly all: ReadonlySet<string>;
  readonly state: WatchState;
  stop(): Promise<void>;
}

export interface RevisionNamesOptions extends Omit<KeptOptions<unknown>, "resource" | "query" | "of"> {
  readonly revision: string;
  readonly onState: () => void;
}

const resource = { group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingwebhookconfigurations" };

/** Tags as `istioctl tag` and `weft tag` make them: webhooks with labels that say tag and revision. `onChange`: other names than before. */
export function revisionNames({ revision, onChange, onState, ...options }: RevisionNamesOptions): RevisionNames {
  let names: ReadonlySet<string> = new Set([revision]);
  const kept = keep<string>({
    ...options,
    resource,
    query: { labelSelector: `istio.io/tag,istio.io/rev=${revision}` },
    of: ({ metadata }) => (metadata.labels as Readonly<Record<string, string>>)["istio.io/tag"] ?? revision,
    onChange() {
      const now = new Set([revision, ...kept.all.values()]);
      const same = now.size === names.size && [...now].every((name) => names.has(name));
      names = now;
      if (same) onState();
      else onChange();
    },
  });
  return {
    get all() {
      return names;
    },
    get state() {
      return kept.state;
    },
    stop: () => kept.stop(),
  };
}
