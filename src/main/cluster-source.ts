import { judge } from "../analysis/judge.ts";
import { withDefaults } from "../analysis/validate/schema/defaults.ts";
import { crdOf } from "../gen/crds.ts";
import type { Source } from "../model/change.ts";
import type { KubernetesSourceOptions } from "../sources/kubernetes/options.ts";
import { kubernetesSource } from "../sources/kubernetes/source.ts";

/** A cluster as a source, judged like a folder. */
export function clusterSource(options: Omit<KubernetesSourceOptions, "validate" | "complete" | "versionsOf">): Source {
  return kubernetesSource({
    ...options,
    validate: judge,
    complete: withDefaults,
    versionsOf: (type) => {
      const crd = crdOf(type);
      return crd && Object.keys(crd.versions);
    },
  });
}
