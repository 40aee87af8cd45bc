import type { RootAnswer } from "../../api/contract/certificates.ts";
import type { Order } from "../../ca/orders.ts";
import { formatAge } from "../duration.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { Session } from "../session.ts";

/** `weft certs rotate root` and `recover`: a new root beside the old one. Rejects with a CliError. */
export async function newRoot(what: "rotate" | "recover", now: boolean, session: Session): Promise<void> {
  const where = await session.where();
  if ("choice" in where) return ofCluster(where, what === "rotate" && now ? "rotate-now" : what, session);
  const client = await session.client();
  const { body } = await client.post<RootAnswer>(`certificates/${what}`, "", { now });
  const at = session.deps.clock.now();
  for (const { subject, serial, state, until } of body.roots) {
    const left = until === undefined ? "" : formatAge(until - at);
    const meaning: Readonly<Record<string, string>> = {
      active: "signs",
      next: `is trusted, and signs in ${left}`,
      retiring: `is trusted for ${left} more`,
    };
    session.out(`${subject} (${serial.toLowerCase().slice(0, 8)}) ${meaning[state] ?? "is trusted"}\n`);
  }
  session.say("Nothing has to be restarted. weft certs shows how far it is.");
}

/** By an order in the authority's Secret. */
async function ofCluster(cluster: KubeCluster, order: Order, session: Session): Promise<void> {
  const { giveOrder, untilDone } = await import("./cluster-order.ts");
  session.say(`Ordered from the replicas in ${cluster.installNamespace} of context ${cluster.context} ...`);
  await untilDone(cluster, await giveOrder(cluster, order, session), session);
  session.say("A replica did it. Nothing has to be restarted. weft certs shows how far it is.");
}
