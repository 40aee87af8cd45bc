import type { KubeConfig } from "@kubernetes/client-node";
import { crdOf } from "../../src/gen/crds.ts";
import { kubernetesClient } from "../../src/kubernetes/client.ts";
import { KubernetesError } from "../../src/kubernetes/error.ts";
import { pathOf } from "../../src/kubernetes/object.ts";
import { typeOf } from "../../src/model/resource.ts";

/** An object as a user writes it. */
export interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: object;
    readonly annotations?: object;
  };
  readonly [field: string]: unknown;
}

/** Who writes objects, without a kubectl each time. */
export interface Editor {
  /** Creates or replaces, by server-side apply. */
  apply(...objects: readonly Written[]): Promise<void>;
  /** Of a Pod, for example, which no kubelet here tells. */
  applyStatus(object: Written): Promise<void>;
  /** Deletes; at once, also Pods. */
  remove(...objects: readonly Written[]): Promise<void>;
  ask: ReturnType<typeof kubernetesClient>["ask"];
}

const plurals: Readonly<Record<string, string>> = {
  "CustomResourceDefinition.apiextensions.k8s.io": "customresourcedefinitions",
};

export function editor(config: KubeConfig): Editor {
  const client = kubernetesClient(config);
  const patch = (path: string, object: Written) =>
    // A definition is there a moment before its collection is.
    retried(() =>
      client.ask(path, {
        method: "PATCH",
        contentType: "application/apply-patch+yaml",
        query: { fieldManager: "test", force: true },
        body: object,
      }),
    );
  return {
    ask: client.ask,
    apply: async (...objects) => void (await Promise.all(objects.map((object) => patch(path(object), object)))),
    applyStatus: async (object) => void (await patch(`${path(object)}/status`, object)),
    remove: async (...objects) =>
      void (await Promise.all(
        objects.map((object) => client.ask(path(object), { method: "DELETE", query: { gracePeriodSeconds: 0 } })),
      )),
  };
}

function path({ apiVersion, kind, metadata: { namespace, name } }: Written): string {
  const slash = apiVersion.lastIndexOf("/");
  const [group, version] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
  const type = typeOf(apiVersion, kind);
  const plural = crdOf(type)?.plural ?? plurals[type] ?? `${kind.toLowerCase()}s`;
  return `${pathOf({ group, version, plural }, namespace)}/${name}`;
}

async function retried(ask: () => Promise<unknown>): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      await ask();
      return;
    } catch (error) {
      if (left === 0 || !(error instanceof KubernetesError) || error.code !== 404) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
