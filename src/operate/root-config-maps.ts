import { KubernetesError } from "../kubernetes/error.ts";
import { inFlight } from "../kubernetes/in-flight.ts";
import { keep } from "../kubernetes/kept.ts";
import { fieldManager, type Operator, type World } from "./operator.ts";
import { reconciler } from "./reconcile.ts";

/** The ConfigMap that Pods mount for the mesh's root certificate. */
const name = "weft-ca-root-cert";
const key = "root-cert.pem";
/** Kubernetes' own, where no workload of the mesh runs; Istio leaves them out, too. */
const leftOut: ReadonlySet<string> = new Set(["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]);
const writesAtOnce = 8;

export interface RootConfigMapsOptions extends World {
  /** PEM of the trust bundle, now. */
  readonly roots: () => string;
  /** Namespaces that the mesh reads, now. */
  readonly namespaces: () => readonly string[];
  /** Calls back after each change of either; the answer ends it. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Gives each namespace of the mesh the root certificate, and gives it back where it is changed or deleted. */
export function rootConfigMaps(options: RootConfigMapsOptions): Operator {
  const { client, clock, random, log, lists, roots, namespaces } = options;
  const writes = inFlight(writesAtOnce);
  const write = async (namespace: string) => {
    const metadata = { name, namespace, labels: { app: "weft" } };
    await client
      .ask(`/api/v1/namespaces/${namespace}/configmaps/${name}`, {
        method: "PATCH",
        query: { fieldManager, force: true },
        contentType: "application/apply-patch+yaml",
        body: { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [key]: roots() } },
      })
      .catch((error: unknown) => {
        if (!isLeaving(error)) throw error;
      });
  };
  return () => {
    const kept = keep({
      ...{ client, clock, random, log, lists },
      resource: { group: "", version: "v1", plural: "configmaps" },
      query: { fieldSelector: `metadata.name=${name}` },
      of: ({ data }) => (data as Readonly<Record<string, unknown>> | undefined)?.[key],
      onChange: () => work.changed(),
    });
    const once = async () => {
      // Nothing is worth writing while the authority knows no root.
      const right = roots();
      if (kept.state.kind === "starting" || right === "") return;
      const wrong = namespaces().filter((ns) => !leftOut.has(ns) && kept.all.get(`${ns}/${name}`) !== right);
      const done = await Promise.allSettled(wrong.map((namespace) => writes.run(() => write(namespace))));
      const faults = done.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
      if (faults.length > 0) throw new Error(`${faults.length} of ${done.length} namespaces: ${faults[0]}`);
    };
    const work = reconciler({ clock, random, log, name: `ConfigMaps ${name}`, once });
    const deaf = options.onChange(() => work.changed());
    work.changed();
    return () => {
      deaf();
      work.stop();
      void kept.stop();
    };
  };
}

/** A namespace that is being deleted takes nothing new, and one that is gone neither. */
function isLeaving(error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return false;
  return error.code === 404 || (error.code === 403 && error.message.includes("being terminated"));
}
