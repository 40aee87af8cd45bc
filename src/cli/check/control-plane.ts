import type { Found } from "../../api/checks/found.ts";
import type { VersionAnswer } from "../../api/cli-contract.ts";
import { ApiClient } from "../client.ts";
import { CliError } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { type ControlPlane, connectToApi, findControlPlanes, readyControlPlanes } from "../kube/control-planes.ts";
import type { Session } from "../session.ts";
import type { Category } from "./check.ts";

/** The control plane: there, ready on each replica, answering, of one version. */
export function controlPlaneChecks(cluster: KubeCluster, session: Session): Category {
  let planes: readonly ControlPlane[] = [];
  const versions = new Map<string, string>();
  return {
    name: "control-plane",
    checks: [
      {
        name: `Weft is installed in namespace ${cluster.installNamespace}`,
        fatal: true,
        run: async () => {
          planes = await findControlPlanes(cluster);
          if (planes.length === 0) await readyControlPlanes(cluster);
          return undefined;
        },
      },
      {
        name: "each replica is ready",
        run: async () =>
          planes
            .filter((plane) => !plane.ready)
            .map(
              (plane): Found => ({
                outcome: planes.some((other) => other.ready && other.revision === plane.revision)
                  ? "warning"
                  : "failed",
                says: `${plane.pod}: ${plane.why}`,
                hint: `kubectl --context ${cluster.context} -n ${plane.namespace} logs ${plane.pod}`,
              }),
            ),
      },
      {
        name: "each replica answers through the API server",
        run: async () => {
          const ready = planes.filter((plane) => plane.ready);
          const answers = await Promise.all(ready.map((plane) => versionOf(cluster, plane, session)));
          for (const [i, plane] of ready.entries()) {
            const answer = answers[i];
            if (typeof answer === "string") versions.set(plane.pod, answer);
          }
          return answers.flatMap((answer, i) =>
            typeof answer === "string" || answer === undefined
              ? []
              : [
                  {
                    outcome: "failed" as const,
                    says: `${ready[i]?.pod}: ${answer.message}`,
                    ...(answer.fix ? { hint: answer.fix } : {}),
                  },
                ],
          );
        },
      },
      { name: "versions agree", run: async () => skew(versions, planes, session.deps.version) },
    ],
  };
}

async function versionOf(cluster: KubeCluster, plane: ControlPlane, session: Session): Promise<string | CliError> {
  const target = { server: "http://localhost:20001", from: plane.pod, connect: () => connectToApi(cluster, plane) };
  try {
    const client = new ApiClient(target, session.deps.interrupted, session.options.timeoutMs);
    return (await client.get<VersionAnswer>("version")).version;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

function skew(versions: ReadonlyMap<string, string>, planes: readonly ControlPlane[], own: string): readonly Found[] {
  const found: Found[] = [];
  for (const revision of new Set(planes.map((plane) => plane.revision))) {
    const its = [...versions].filter(([pod]) => planes.some((p) => p.pod === pod && p.revision === revision));
    const different = [...new Set(its.map(([, version]) => version))];
    if (different.length > 1)
      found.push({
        outcome: "warning",
        says: `replicas of revision ${revision} are ${different.join(" and ")}`,
        hint: "wait for the rollout to end",
      });
    for (const version of different)
      if (minor(version) !== minor(own))
        found.push({
          outcome: "warning",
          says: `revision ${revision} is ${version}, this program is ${own}`,
          hint: "use the program of the control plane's version",
        });
  }
  return found;
}

function minor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
