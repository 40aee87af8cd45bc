import { type Order, orderFile, orderText, outcomeOf } from "../../ca/orders.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { Session } from "../session.ts";

interface Secret {
  readonly data?: Readonly<Record<string, string>>;
}

/** Replicas look every five seconds. */
const patienceMs = 30_000;
const everyMs = 1000;

/** Writes an order into the Secret of a cluster's authority: the right to patch it is the right to order. Answers its number. Rejects with a CliError. */
export async function giveOrder(cluster: KubeCluster, order: Order, session: Session): Promise<number> {
  const { readyControlPlanes } = await import("../kube/control-planes.ts");
  await readyControlPlanes(cluster);
  const number = session.deps.clock.now();
  const data = { [orderFile]: Buffer.from(orderText(order, number)).toString("base64") };
  const { all, one } = paths(cluster);
  if ((await cluster.find<Secret>(one)) === undefined) {
    const metadata = { name: "weft-ca", labels: { app: "weft" } };
    await cluster.ask(all, {
      method: "POST",
      body: { apiVersion: "v1", kind: "Secret", type: "Opaque", metadata, data },
    });
  } else {
    await cluster.ask(one, { method: "PATCH", contentType: "application/merge-patch+json", body: { data } });
  }
  return number;
}

/** Waits until a replica has done what was ordered. Rejects with a CliError: with the replica's words where it could not. */
export async function untilDone(cluster: KubeCluster, number: number, session: Session): Promise<void> {
  const { clock, interrupted } = session.deps;
  for (const end = clock.now() + patienceMs; clock.now() < end && !interrupted.aborted; ) {
    const found = await cluster.find<Secret>(paths(cluster).one);
    const outcome = outcomeOf(Buffer.from(found?.data?.[orderFile] ?? "", "base64").toString(), number);
    if (outcome?.failed !== undefined) throw new CliError(exitCodes.conflict, outcome.failed);
    if (outcome !== undefined) return;
    await new Promise<void>((resolve) => clock.after(everyMs, resolve));
  }
  throw new CliError(
    exitCodes.timeout,
    `no replica did it within ${patienceMs / 1000} s; it stays ordered`,
    "look at the control plane: weft check",
  );
}

function paths({ installNamespace }: KubeCluster) {
  const all = `/api/v1/namespaces/${encodeURIComponent(installNamespace)}/secrets`;
  return { all, one: `${all}/weft-ca` };
}
