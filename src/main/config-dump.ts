import { askAdmin } from "../agent/admin.ts";
import type { ConfigDumpResource, ConfigType } from "../api/contract/proxy-config.ts";
import { dumpedResources, dumpPath } from "../api/envoy-dump.ts";
import type { ConnectedProxy } from "../discovery/discovery.ts";
import type { ResourceSet, XdsResource } from "../xds/resource.ts";
import { TYPE } from "../xds/type-url.ts";
import { decodeResource } from "./decode.ts";

const typeUrls: Readonly<Partial<Record<ConfigType, string>>> = {
  cluster: TYPE.cluster,
  listener: TYPE.listener,
  route: TYPE.route,
  endpoint: TYPE.endpoint,
  secret: TYPE.secret,
  scope: TYPE.scopedRoute,
  ecds: TYPE.extension,
};

/** What a proxy shall have, decoded. Its bootstrap is not sent but written beside it: that is asked of its Envoy. */
export function sentConfig(
  { config, session }: ConnectedProxy,
  type: ConfigType,
): readonly ConfigDumpResource[] | undefined {
  const typeUrl = typeUrls[type];
  if (typeUrl === undefined) return undefined;
  return asked(config.get(typeUrl), session.subscriptions().get(typeUrl)).map((resource) => {
    const error = session.resource(typeUrl, resource.name)?.error;
    return {
      name: resource.name,
      version: resource.version,
      origins: resource.origins,
      ...(error === undefined ? {} : { error }),
      resource: decodeResource(typeUrl, resource.body),
    };
  });
}

/** Of a set, what a proxy asked for: all, or by name. Before it asked for anything of a type it is what it will be given. */
function asked(set: ResourceSet | undefined, names: ReadonlySet<string> | undefined): readonly XdsResource[] {
  if (set === undefined) return [];
  const all = [...set.resources.values()];
  if (names === undefined) return all;
  const lazy = [...names].flatMap((name) => (set.resources.has(name) ? [] : (set.onDemand?.get(name) ?? [])));
  return [...(names.has("*") ? all : all.filter(({ name }) => names.has(name))), ...lazy];
}

/** What the Envoy behind an admin socket says it has. Rejects where it does not answer. */
export async function envoyConfig(adminSocket: string, type: ConfigType): Promise<readonly ConfigDumpResource[]> {
  const { status, body } = await askAdmin({ path: adminSocket }, "GET", dumpPath(type), 10_000);
  if (status !== 200) throw new Error(`Envoy's admin interface answers ${status}`);
  return dumpedResources(type, body);
}
