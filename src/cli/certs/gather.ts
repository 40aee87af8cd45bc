import { mergeCertificates } from "../../api/certificates.ts";
import type { CertificatesAnswer } from "../../api/contract/certificates.ts";
import { certsPath, envoyCertificates, withLive } from "../../api/envoy-certs.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { Session } from "../session.ts";

/** Envoys of a cluster that are asked at a time. */
const atOnce = 16;

/** Every certificate of the mesh that is meant: of one machine with what its Envoys have now, of a cluster so with `live`. Rejects with a CliError. */
export async function gatherCertificates(
  session: Session,
  { live, revision }: { readonly live: boolean; readonly revision?: string },
): Promise<CertificatesAnswer> {
  const where = await session.where(revision);
  if ("choice" in where) return ofCluster(where, session, live);
  return (await session.client()).get<CertificatesAnswer>("certificates", { live: true });
}

async function ofCluster(cluster: KubeCluster, session: Session, live: boolean): Promise<CertificatesAnswer> {
  const [{ clusterApis }, { mergedProxies }] = await Promise.all([
    import("../kube/cluster-api.ts"),
    import("../kube/merged-proxies.ts"),
  ]);
  const apis = await clusterApis(cluster, session.deps.interrupted, session.options.timeoutMs);
  const told = await Promise.allSettled(apis.map(({ client }) => client.get<CertificatesAnswer>("certificates")));
  const answers = told.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const [first] = told;
  if (answers.length === 0 && first?.status === "rejected") throw first.reason;
  const away = told.flatMap((one, index) =>
    one.status === "rejected" ? [`${apis[index]?.replica.pod}: ${(one.reason as Error).message}`] : [],
  );
  const items = mergeCertificates(answers.flatMap((one) => one.items));
  const trouble = answers.find((one) => one.trouble !== undefined)?.trouble;
  const rest = trouble === undefined ? {} : { trouble };
  if (!live) return { items, silent: away, ...rest };
  const proxies = (await mergedProxies(apis)).items.filter(({ connected }) => connected);
  const asked = await inTurns(proxies, ({ id, namespace, pod }) => askOne(cluster, { id, namespace, pod }, session));
  const held = asked.flatMap((one) => ("held" in one ? one.held : []));
  const ids = new Set(asked.flatMap((one) => ("held" in one ? [one.id] : [])));
  const silent = asked.flatMap((one) => ("why" in one ? [`${one.id}: ${one.why}`] : []));
  return { items: withLive(items, held, ids), silent: [...away, ...silent], ...rest };
}

async function askOne(
  cluster: KubeCluster,
  { id, namespace, pod }: { readonly id: string; readonly namespace: string; readonly pod: string },
  session: Session,
) {
  const { askEnvoy } = await import("../kube/envoy-admin.ts");
  try {
    const body = await askEnvoy(cluster, { namespace, pod }, certsPath, { timeoutMs: session.options.timeoutMs });
    return { id, held: envoyCertificates(body, id) };
  } catch (error) {
    return { id, why: (error as Error).message };
  }
}

async function inTurns<A, B>(all: readonly A[], run: (one: A) => Promise<B>): Promise<readonly B[]> {
  const done: B[] = [];
  for (let at = 0; at < all.length; at += atOnce)
    done.push(...(await Promise.all(all.slice(at, at + atOnce).map(run))));
  return done;
}
