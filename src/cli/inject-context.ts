import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { InjectContext } from "../inject/context.ts";
import { parseInjectionSettings } from "../inject/settings.ts";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { CliError, exitCodes } from "./exit.ts";
import type { KubeCluster } from "./kube/cluster.ts";
import type { Session } from "./session.ts";

interface Flags {
  readonly namespace?: string;
  readonly revision?: string;
  readonly meshConfig?: string;
  readonly injection?: string;
}

/** What `weft inject` injects by, and what it could not take of it. */
interface Made {
  readonly context: InjectContext;
  readonly namespace: string;
  readonly faults: readonly string[];
}

/** From files that the user names; what they do not say is as it is by default. */
export async function fileContext(flags: Flags, session: Session): Promise<Made> {
  const read = (file: string | undefined) => (file === undefined ? "" : textOf(file, session.deps.cwd));
  return made(read(flags.injection), read(flags.meshConfig), [], flags, session, "default");
}

/** From the ConfigMap of the cluster's control plane, and the cluster's ProxyConfigs. Throws CliError where there is no control plane. */
export async function clusterContext(flags: Flags, session: Session): Promise<Made> {
  const cluster = await session.cluster(flags.revision);
  const { installNamespace } = session.options;
  const { revision = "default" } = flags;
  const name = `istio${revision === "default" ? "" : `-${revision}`}`;
  const found = await cluster.find<{ readonly data?: Readonly<Record<string, string>> }>(
    `/api/v1/namespaces/${installNamespace}/configmaps/${name}`,
  );
  if (found === undefined)
    throw new CliError(
      exitCodes.notFound,
      `there is no ConfigMap ${installNamespace}/${name} in the cluster of ${cluster.context}: no control plane of this revision is installed`,
      "choose another with --revision; without a cluster: --injection FILE",
    );
  const { injection = "", mesh = "" } = found.data ?? {};
  return made(injection, mesh, await proxyConfigs(cluster), flags, session, cluster.namespace);
}

async function made(
  injection: string,
  mesh: string,
  configs: readonly Resource[],
  flags: Flags,
  session: Session,
  namespace: string,
): Promise<Made> {
  const { settings, faults } = parseInjectionSettings(injection);
  const { parse } = await import("yaml");
  let spec: unknown;
  try {
    spec = parse(mesh) ?? {};
  } catch (error) {
    throw new CliError(exitCodes.badData, `MeshConfig cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
  const meshConfig = resource("MeshConfig", { metadata: { name: "istio", namespace: "" }, spec });
  const snapshot = apply(
    empty,
    [meshConfig, ...configs].map((put) => ({ put })),
  );
  const { installNamespace } = session.options;
  return {
    context: { settings, snapshot, revision: flags.revision ?? "default", installNamespace },
    namespace,
    faults,
  };
}

interface Listed {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly creationTimestamp?: string };
  readonly spec?: unknown;
}

async function proxyConfigs(cluster: KubeCluster): Promise<readonly Resource[]> {
  const list = await cluster.find<{ readonly items: readonly Listed[] }>(
    "/apis/networking.istio.io/v1beta1/proxyconfigs",
  );
  return (list?.items ?? []).map((item) => resource(types.ProxyConfig, item));
}

function resource(type: string, { metadata, spec }: Listed): Resource {
  const at = { file: "", line: 1, column: 1 };
  return {
    ...{ type, apiVersion: "", labels: {}, annotations: {}, generation: 1, spec: spec ?? {} },
    ...{ name: metadata.name, namespace: metadata.namespace ?? "" },
    createdAt: Date.parse(metadata.creationTimestamp ?? "") || 0,
    origin: { ...at, at: "", locate: () => at },
  };
}

function textOf(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), "utf8");
  } catch (error) {
    throw new CliError(exitCodes.noInput, `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
