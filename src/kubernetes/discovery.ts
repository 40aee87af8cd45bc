import type { RequestInit } from "./client.ts";

/** A resource that an API server serves, in the version to be read. */
export interface Served {
  /** `VirtualService.networking.istio.io`. */
  readonly type: string;
  /** `networking.istio.io/v1`. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

type Ask = <T>(path: string, init?: RequestInit) => Promise<T>;

interface GroupList {
  readonly groups?: readonly {
    readonly name: string;
    readonly versions: readonly { readonly groupVersion: string }[];
    readonly preferredVersion?: { readonly groupVersion: string };
  }[];
}

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/**
 * What is served of some API groups (`""` is the core's), by type. Of a kind in several versions the group's preferred one counts, else the first.
 * A group that is not there is left out; one whose server does not answer, too. Rejects as `ask` does where groups cannot be asked at all.
 */
export async function servedTypes(ask: Ask, groups: readonly string[]): Promise<ReadonlyMap<string, Served>> {
  const { groups: found = [] } = await ask<GroupList>("/apis");
  const versions = found
    .filter(({ name }) => groups.includes(name))
    .flatMap(({ preferredVersion, versions: all }) => {
      const names = all.map((version) => version.groupVersion);
      const first = preferredVersion?.groupVersion;
      return first === undefined ? names : [first, ...names.filter((name) => name !== first)];
    });
  const core = groups.includes("") ? ["v1"] : [];
  const lists = await Promise.all([...core, ...versions].map((version) => listOf(ask, version)));
  const served = new Map<string, Served>();
  for (const one of lists.flat()) if (!served.has(one.type)) served.set(one.type, one);
  return served;
}

async function listOf(ask: Ask, apiVersion: string): Promise<readonly Served[]> {
  const slash = apiVersion.indexOf("/");
  const group = slash < 0 ? "" : apiVersion.slice(0, slash);
  try {
    const { resources = [] } = await ask<ResourceList>(slash < 0 ? `/api/${apiVersion}` : `/apis/${apiVersion}`);
    return resources
      .filter(({ name }) => !name.includes("/"))
      .map(({ name, kind, namespaced }) => ({
        ...{ type: group === "" ? kind : `${kind}.${group}`, apiVersion, plural: name, namespaced },
      }));
  } catch {
    // An aggregated server that is away hides its own group alone.
    return [];
  }
}

/** Where objects of a resource are listed: `/apis/networking.istio.io/v1/namespaces/shop/virtualservices`. */
export function listPath({ apiVersion, plural, namespaced }: Served, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced && namespace !== undefined
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${root}/${plural}`;
}
