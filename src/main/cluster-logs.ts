import type { MeshActions } from "../api/actions.ts";
import { Refusal } from "../api/http/answer.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError } from "../kubernetes/error.ts";
import type { Resource } from "../model/resource.ts";
import { all } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { ClusterCallers } from "./cluster-callers.ts";

/** Lines that are read of a container where nobody says how many, and the most. */
const [usualTail, mostTail] = [1000, 10_000];
/** Bytes of a log that is not followed. */
const mostBytes = 4 * 1024 * 1024;
const proxyContainer = "istio-proxy";
/** A time that a line says itself, at its beginning. */
const ownTime = /^.{0,40}\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|"(?:time|ts|timestamp|start_time)":/;

type Logs = NonNullable<MeshActions["logs"]>;
type LogOptions = Parameters<Logs>[1];

/** Logs of Pods in a cluster, read as who asks. A line that says no time has the kubelet's before it; the lines of several containers come by time. */
export function clusterLogs(discovery: Pick<Discovery, "snapshot">, callers: ClusterCallers): Logs {
  return async (pod, options) => {
    const found = all(discovery.snapshot, types.Pod).find(
      ({ name, namespace }) => name === pod.name && (pod.namespace ?? namespace) === namespace,
    );
    if (found === undefined) return undefined;
    const names = containersOf(found, options.container);
    const client = await callers.open(options.caller);
    try {
      const opened = await Promise.all(names.map((name) => open(client, found, name, options)));
      return finished(options.follow ? asTheyCome(opened) : byTime(opened), client);
    } catch (error) {
      client.close();
      throw error instanceof KubernetesError ? refusalOf(error, options.previous) : error;
    }
  };
}

function containersOf({ name, namespace, spec }: Resource, which: LogOptions["container"]): readonly string[] {
  const { containers = [], initContainers = [] } = spec as Readonly<Record<string, readonly { name: string }[]>>;
  const has = [...containers, ...initContainers].some((one) => one.name === proxyContainer);
  if (which === "proxy" && !has)
    throw new Refusal(404, `pod ${name}.${namespace} has no proxy`, "restart it once its namespace has injection on");
  return which === "proxy"
    ? [proxyContainer]
    : containers.map((one) => one.name).filter((one) => one !== proxyContainer);
}

/** Lines of one container, each with its time; resolves when the API server has begun to answer. Rejects with KubernetesError. */
async function open(
  client: KubernetesClient,
  { namespace, name }: Resource,
  container: string,
  { follow, tail = usualTail, keep, previous = false, signal }: LogOptions,
): Promise<AsyncIterable<Stamped>> {
  const { promise: opened, resolve: onOpen } = Promise.withResolvers<void>();
  const lines = client.lines(`/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(name)}/log`, {
    query: {
      ...{ container, timestamps: true, tailLines: keep === undefined ? Math.min(tail, mostTail) : mostTail },
      ...(follow ? { follow: true } : { limitBytes: mostBytes }),
      ...(previous ? { previous: true } : {}),
    },
    ...{ signal, onOpen },
  });
  const iterator = lines[Symbol.asyncIterator]();
  const first = iterator.next();
  // Of whoever reads on it is the fault; where another container's log failed, nobody does.
  first.catch(() => {});
  await Promise.race([opened, first]);
  return (async function* () {
    for (let one = await first; one.done !== true; one = await iterator.next()) yield stamped(one.value);
  })();
}

interface Stamped {
  readonly at: string;
  readonly text: string;
}

function stamped(line: string): Stamped {
  const space = line.indexOf(" ");
  const [at, text] = space < 0 ? ["", line] : [line.slice(0, space), line.slice(space + 1)];
  return { at, text: ownTime.test(text) ? text : `${at} ${text}` };
}

/** The kubelet's times are in one zone and of one form: they are in order as texts, but for the digits behind the point, which it leaves out. */
async function* byTime(logs: readonly AsyncIterable<Stamped>[]): AsyncGenerator<string> {
  const lines = (await Promise.all(logs.map(collect))).flat();
  const key = ({ at }: Stamped) => at.replace(/Z$/, "").padEnd(30, "0");
  for (const { text } of logs.length > 1 ? lines.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) : lines) yield text;
}

async function collect(lines: AsyncIterable<Stamped>): Promise<readonly Stamped[]> {
  const found: Stamped[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

async function* asTheyCome(logs: readonly AsyncIterable<Stamped>[]): AsyncGenerator<string> {
  const waiting = new Map(
    logs.map((log) => {
      const iterator = log[Symbol.asyncIterator]();
      return [iterator, iterator.next()] as const;
    }),
  );
  while (waiting.size > 0) {
    const next = [...waiting].map(async ([iterator, asked]) => ({ iterator, one: await asked }));
    const { iterator, one } = await Promise.race(next);
    if (one.done === true) waiting.delete(iterator);
    else {
      waiting.set(iterator, iterator.next());
      yield one.value.text;
    }
  }
}

async function* finished(lines: AsyncIterable<string>, client: KubernetesClient): AsyncGenerator<string> {
  try {
    yield* lines;
  } finally {
    client.close();
  }
}

function refusalOf({ code, message }: KubernetesError, previous = false): Refusal {
  if (code === 403) return new Refusal(403, message, "ask whoever runs this cluster for get pods/log there");
  if (code === 401) return new Refusal(403, "the API server does not take your token", "log in anew");
  if (code === 0) return new Refusal(503, message, "try again in a moment");
  const fix = previous
    ? "it has not been started again, or its node kept nothing of it"
    : "kubectl describe pod says more";
  return new Refusal(404, `the log cannot be read: ${message}`, fix);
}
