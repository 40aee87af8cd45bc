import type { KubernetesClient } from "../kubernetes/client.ts";
import type { KubernetesError } from "../kubernetes/error.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { PodObject } from "./node-pod.ts";
import type { Question } from "./protocol.ts";

/** What the agent says about a Pod, and asks of it, at the API server. */
export interface PodWords {
  /** A warning among the Pod's events. One that cannot be told is logged. */
  tell(pod: PodObject, reason: string, message: string): Promise<void>;
  /** Deletes this very Pod, not one of the same name. */
  remove(pod: PodObject): Promise<void>;
  /** Its annotations. Rejects with words where there is no such Pod, or another of that name. */
  annotationsOf(question: Question): Promise<Readonly<Record<string, string>>>;
}

export interface PodWordsOptions {
  readonly client: KubernetesClient;
  /** This node's name. */
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
}

export function podWords({ client, node, clock, log }: PodWordsOptions): PodWords {
  const pathOf = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;
  return {
    async tell({ metadata }, reason, message) {
      const { namespace, name, uid } = metadata;
      const at = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
      const event = {
        metadata: { generateName: `${name}.`, namespace },
        involvedObject: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
        type: "Warning",
        reason,
        message,
        source: { component: "weft-cni", host: node },
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      };
      try {
        await client.ask(`/api/v1/namespaces/${namespace}/events`, { method: "POST", body: event });
      } catch (error) {
        log.warn("cannot write an event", { pod: `${namespace}/${name}`, error: (error as KubernetesError).message });
      }
    },
    async remove({ metadata: { namespace, name, uid } }) {
      await client.ask(pathOf(namespace, name), { method: "DELETE", body: { preconditions: { uid } } });
    },
    async annotationsOf({ namespace, name, uid }) {
      const { metadata } = await client.ask<PodObject>(pathOf(namespace, name));
      if (uid !== undefined && metadata.uid !== uid)
        throw new Error(`the API server has another Pod of this name (uid ${metadata.uid}, not ${uid})`);
      return metadata.annotations ?? {};
    },
  };
}
