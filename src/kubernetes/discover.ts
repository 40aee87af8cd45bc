import type { KubernetesClient } from "./client.ts";
import { orNothing } from "./error.ts";
import type { ApiResource } from "./object.ts";

/** A collection that an API server serves. */
export interface ServedResource extends ApiResource {
  readonly kind: string;
  readonly namespaced: boolean;
}

interface GroupAnswer {
  readonly versions?: readonly { readonly version: string }[];
}

interface VersionAnswer {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** What is served of a group other than the core one, in all its versions; nothing where the group is not served. Throws KubernetesError. */
export async function servedIn(client: KubernetesClient, group: string): Promise<readonly ServedResource[]> {
  const { versions = [] } = (await orNothing(client.ask<GroupAnswer>(`/apis/${group}`))) ?? {};
  const found = await Promise.all(
    versions.map(async ({ version }) => {
      const { resources = [] } = (await orNothing(client.ask<VersionAnswer>(`/apis/${group}/${version}`))) ?? {};
      return resources
        .filter(({ name }) => !name.includes("/"))
        .map(({ name, kind, namespaced }) => ({ group, version, plural: name, kind, namespaced }));
    }),
  );
  return found.flat();
}
