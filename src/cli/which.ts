import { CliError, exitCodes } from "./exit.ts";
import { findKubeconfig, isInCluster, type KubeFlags } from "./kube/kubeconfig.ts";
import { findServer, type ServerDeps, type Target } from "./server.ts";

/** Which mesh is asked: one with an address of its own, or that of a cluster. */
export type Which =
  | {
      readonly kind: "address";
      readonly target: Target /** A kubeconfig could have been asked. */;
      readonly clusterToo: boolean;
    }
  | { readonly kind: "cluster" };

/** `--server` or a flag of a cluster, WEFT_SERVER, the project's `.weft.yaml`, a mesh that runs here, a kubeconfig, the default port. */
export async function whichMesh(server: string | undefined, kube: KubeFlags, deps: ServerDeps): Promise<Which> {
  const flag = kubeFlag(kube);
  if (flag !== undefined && server !== undefined)
    throw new CliError(exitCodes.usage, `--server and ${flag} name two meshes`, "leave out one of them");
  if (flag !== undefined) return { kind: "cluster" };
  const target = await findServer(server, deps);
  const clusterToo = findKubeconfig(kube, deps) !== undefined || isInCluster(deps);
  if (target.from === "default" && clusterToo) return { kind: "cluster" };
  return { kind: "address", target, clusterToo };
}

function kubeFlag(kube: KubeFlags): string | undefined {
  if (kube.kubeconfig !== undefined) return "--kubeconfig";
  if (kube.context !== undefined) return "--context";
  return kube.as === undefined ? undefined : "--as";
}
