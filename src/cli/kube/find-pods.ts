import { closest } from "../../std/closest.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "./cluster.ts";
import { type KubeObject, listAll } from "./list.ts";
import type { Pod } from "./pod.ts";

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Owner extends KubeObject {
  readonly spec?: { readonly selector?: Selector | Readonly<Record<string, string>> };
}

/** What may stand before a name, and the collection of its objects. */
const kinds: Readonly<Record<string, string>> = {
  pod: "api/v1/pods",
  po: "api/v1/pods",
  deployment: "apis/apps/v1/deployments",
  deploy: "apis/apps/v1/deployments",
  statefulset: "apis/apps/v1/statefulsets",
  sts: "apis/apps/v1/statefulsets",
  daemonset: "apis/apps/v1/daemonsets",
  ds: "apis/apps/v1/daemonsets",
  replicaset: "apis/apps/v1/replicasets",
  rs: "apis/apps/v1/replicasets",
  job: "apis/batch/v1/jobs",
  service: "api/v1/services",
  svc: "api/v1/services",
};

/** A bare name is one of these, the first that is there. */
const guesses = ["pod", "deployment", "statefulset", "service"] as const;

/**
 * The Pods that a word means: `POD`, `POD.NAMESPACE`, `deploy/NAME[.NAMESPACE]`, `svc/NAME`. The namespace is the flag's, the word's, or the context's.
 * Rejects with a CliError where there are none.
 */
export async function findPods(cluster: KubeCluster, word: string, namespaceFlag?: string): Promise<readonly Pod[]> {
  const slash = word.indexOf("/");
  const rest = word.slice(slash + 1);
  const known = slash < 0 ? undefined : kindNamed(word.slice(0, slash));
  const tried = namings(rest, namespaceFlag ?? cluster.namespace, namespaceFlag);
  for (const { name, namespace } of tried)
    for (const guess of known === undefined ? guesses : [known]) {
      const found = await podsOf(cluster, guess, name, namespace);
      if (found !== undefined) return found;
    }
  throw await notFound(cluster, word, tried);
}

/** `deployment` of `Deployments`. Throws a usage error. */
function kindNamed(said: string): string {
  const lower = said.toLowerCase();
  const found = [lower, lower.replace(/s$/, "")].find((name) => Object.hasOwn(kinds, name));
  if (found !== undefined) return found;
  throw new CliError(exitCodes.usage, `"${said}" has no Pods`, "write POD, deployment/NAME or service/NAME");
}

/** One Pod of those; of several the first that runs. */
export async function findPod(cluster: KubeCluster, word: string, namespaceFlag?: string): Promise<Pod> {
  const pods = await findPods(cluster, word, namespaceFlag);
  return pods.find((pod) => pod.status?.phase === "Running") ?? (pods[0] as Pod);
}

interface Naming {
  readonly name: string;
  readonly namespace: string;
}

/** Names may hold dots: the whole word first, then its last part as the namespace. */
function namings(word: string, namespace: string, flag: string | undefined): readonly Naming[] {
  const dot = word.lastIndexOf(".");
  const whole = { name: word, namespace };
  if (dot <= 0 || flag !== undefined) return [whole];
  return [whole, { name: word.slice(0, dot), namespace: word.slice(dot + 1) }];
}

async function podsOf(
  cluster: KubeCluster,
  kind: string,
  name: string,
  namespace: string,
): Promise<readonly Pod[] | undefined> {
  const [, root = "", plural = ""] = /^(.*)\/(\w+)$/.exec(kinds[kind] ?? "") ?? [];
  const inNamespace = (what: string) => `/namespaces/${encodeURIComponent(namespace)}/${what}`;
  const object = await cluster.find<Owner>(`/${root}${inNamespace(plural)}/${encodeURIComponent(name)}`);
  if (object === undefined) return undefined;
  if (plural === "pods") return [object as unknown as Pod];
  const labelSelector = selectorOf(object.spec?.selector ?? {});
  const what = `${kind}/${name} in namespace ${namespace}`;
  if (labelSelector === "") throw new CliError(exitCodes.notFound, `${what} selects no Pods`);
  const pods = await listAll<Pod>(cluster, `/api/v1${inNamespace("pods")}`, { labelSelector });
  if (pods.length === 0) throw new CliError(exitCodes.notFound, `${what} has no Pods now (${labelSelector})`);
  return [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** As a query of the API server has it. */
function selectorOf(selector: Selector | Readonly<Record<string, string>>): string {
  const { matchLabels, matchExpressions } = selector as Selector;
  if (matchLabels === undefined && matchExpressions === undefined)
    return Object.entries(selector)
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
  const words: Readonly<Record<string, string>> = { In: "in", NotIn: "notin" };
  const expressions = (matchExpressions ?? []).map(({ key, operator, values = [] }) =>
    operator === "Exists"
      ? key
      : operator === "DoesNotExist"
        ? `!${key}`
        : `${key} ${words[operator]} (${values.join(",")})`,
  );
  return [...Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`), ...expressions].join(",");
}

async function notFound(cluster: KubeCluster, word: string, tried: readonly Naming[]): Promise<CliError> {
  const podsIn = (namespace: string) =>
    listAll<Pod>(cluster, `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`).catch(() => []);
  const seen = await Promise.all(tried.map(async (naming) => ({ ...naming, pods: await podsIn(naming.namespace) })));
  // Of a dotted word: the reading whose namespace has Pods.
  const { name, namespace, pods } = seen.findLast((one) => one.pods.length > 0) ?? (seen[0] as (typeof seen)[0]);
  const what = word.includes("/")
    ? `${word.slice(0, word.indexOf("/"))} ${name}`
    : `Pod, Deployment or Service ${name}`;
  const names = pods.map((pod) => pod.metadata.name);
  const meant = closest(name, names);
  const there =
    names.length === 0 ? "it has no Pods: choose another with -n" : `its Pods: ${names.slice(0, 8).join(", ")}`;
  return new CliError(
    exitCodes.notFound,
    `there is no ${what} in namespace ${namespace}`,
    meant === undefined ? there : `did you mean ${meant}?`,
  );
}
