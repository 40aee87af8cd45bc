import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfigType, ProxyConfigDump } from "../../api/contract/proxy-config.ts";
import { dumpedInFile, dumpedResources, dumpPath } from "../../api/envoy-dump.ts";
import { withoutSecrets } from "../../api/redact.ts";
import type { ApiClient } from "../client.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { clusterApis } from "../kube/cluster-api.ts";
import { askEnvoy } from "../kube/envoy-admin.ts";
import { findPod } from "../kube/find-pods.ts";
import { findProxy, proxiesOf } from "../proxies.ts";
import type { Session } from "../session.ts";

export interface DumpFlags {
  readonly namespace?: string;
  readonly source?: "sent" | "envoy";
  readonly file?: string;
}

/** A proxy whose configuration can be asked for, type by type. */
export interface Dumps {
  readonly dump: (type: ConfigType) => Promise<ProxyConfigDump>;
}

/** Finds the proxy that a word means, in a file, in the running mesh or in a cluster. Rejects with a CliError. */
export async function openDumps(word: string | undefined, flags: DumpFlags, session: Session): Promise<Dumps> {
  if (flags.file !== undefined) return ofFile(flags.file, session);
  if (word === undefined)
    throw new CliError(exitCodes.usage, "of which proxy?", "name a POD or WORKLOAD, or --file with a dump of Envoy's");
  const where = await session.where();
  if (!("choice" in where)) return ofApi(await session.client(), word, flags);
  if (flags.source === "sent") return sentInCluster(where, word, flags, session);
  const pod = await findPod(where, word, flags.namespace);
  const at = { pod: pod.metadata.name, namespace: pod.metadata.namespace ?? where.namespace };
  return {
    dump: async (type) => {
      const body = await askEnvoy(where, at, dumpPath(type), { timeoutMs: session.options.timeoutMs });
      return dumped(`${at.pod}.${at.namespace}`, type, dumpedResources(type, body));
    },
  };
}

function ofApi(client: ApiClient, word: string, { namespace, source }: DumpFlags): Dumps {
  let id: Promise<string> | undefined;
  const find = async () => {
    const all = await proxiesOf(client);
    return findProxy(
      all.filter((p) => namespace === undefined || p.namespace === namespace),
      word,
    ).id;
  };
  return {
    dump: async (type) => {
      id ??= find();
      // A bootstrap is not sent: Envoy starts with it.
      const from = source === "envoy" || type === "bootstrap" ? { source: "envoy" } : {};
      return client.get<ProxyConfigDump>(`proxies/${encodeURIComponent(await id)}/config/${type}`, from);
    },
  };
}

/** What the replica that serves the proxy has sent. */
async function sentInCluster(
  cluster: KubeCluster,
  word: string,
  flags: DumpFlags,
  { deps, options }: Session,
): Promise<Dumps> {
  const pod = await findPod(cluster, word, flags.namespace);
  const id = `${pod.metadata.name}.${pod.metadata.namespace}`;
  for (const { client } of await clusterApis(cluster, deps.interrupted, options.timeoutMs))
    if ((await proxiesOf(client)).some((proxy) => proxy.id === id && proxy.connected)) return ofApi(client, id, {});
  throw new CliError(
    exitCodes.notFound,
    `no control plane serves ${id}`,
    "weft proxy-status lists those that are served; without --source its Envoy is asked",
  );
}

function ofFile(file: string, { deps }: Session): Dumps {
  let body: string;
  try {
    body = readFileSync(resolve(deps.cwd, file), "utf8");
  } catch (error) {
    throw new CliError(exitCodes.noInput, `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return {
    dump: async (type) => {
      try {
        return dumped(file, type, dumpedInFile(type, body));
      } catch {
        throw new CliError(
          exitCodes.badData,
          `${file}: this is no dump of Envoy's`,
          "make one: curl 'localhost:15000/config_dump?include_eds'",
        );
      }
    },
  };
}

function dumped(proxy: string, type: ConfigType, resources: ProxyConfigDump["resources"]): ProxyConfigDump {
  return {
    proxy,
    type,
    source: "envoy",
    resources: resources.map((r) => ({ ...r, resource: withoutSecrets(r.resource) })),
  };
}
