import type { CertificatesAnswer, ReissueAnswer } from "../../api/contract/certificates.ts";
import type { ApiClient } from "../client.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { Session } from "../session.ts";

const everyMs = 500;

/** `weft certs rotate workloads`: new certificates for all, and a line for people as proxies take them. Rejects with a CliError. */
export async function rotateWorkloads(session: Session, waitMs: number): Promise<void> {
  const where = await session.where();
  if ("choice" in where) return ofCluster(where, session);
  const client = await session.client();
  const { body } = await client.post<ReissueAnswer>("certificates/reissue", "");
  session.say(
    `${body.replaced.length} certificates were replaced; proxies take the new ones without closing connections`,
  );
  const left = await untilTaken(client, new Set(body.replaced), session, waitMs);
  if (left.length === 0) return session.say("Every proxy has its new certificate.");
  throw new CliError(
    exitCodes.timeout,
    `${left.length} proxies still have an old certificate: ${left.slice(0, 8).join(", ")}`,
    "weft proxy-status says whether they are connected",
  );
}

/** Proxies that hold one of these still when the time is over. */
async function untilTaken(
  client: ApiClient,
  replaced: ReadonlySet<string>,
  session: Session,
  waitMs: number,
): Promise<readonly string[]> {
  const end = session.deps.clock.now() + waitMs;
  let before = -1;
  for (;;) {
    const { items } = await client.get<CertificatesAnswer>("certificates", { live: true });
    const late = new Set(items.filter(({ serial }) => replaced.has(serial)).flatMap(({ holders }) => holders));
    if (late.size === 0 || session.deps.clock.now() >= end || session.deps.interrupted.aborted) return [...late];
    if (late.size !== before) session.say(`${late.size} proxies to go`);
    before = late.size;
    await new Promise<void>((resolve) => session.deps.clock.after(everyMs, resolve));
  }
}

/** By an order in the authority's Secret; each replica replaces what it issued. */
async function ofCluster(cluster: KubeCluster, session: Session): Promise<void> {
  const { giveOrder } = await import("./cluster-order.ts");
  await giveOrder(cluster, "reissue", session);
  session.say("Each replica gives its proxies new certificates within ten seconds. weft certs --live shows them.");
}
