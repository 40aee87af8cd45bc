import type { Duplex } from "node:stream";
import { type KubernetesClient, kubernetesClient, type RequestInit } from "../../kubernetes/client.ts";
import { type ServedResource, servedIn } from "../../kubernetes/discover.ts";
import { type PodPort, portForward } from "../../kubernetes/port-forward.ts";
import { CliError, exitCodes } from "../exit.ts";
import { clusterFailure } from "./failure.ts";
import type { KubeChoice } from "./kubeconfig.ts";

/** A cluster, as the user of a command sees it. Every refusal is a CliError. */
export interface KubeCluster {
  readonly context: string;
  /** The context's namespace. */
  readonly namespace: string;
  readonly server: string;
  /** Where the context was found. */
  readonly from: string;
  /** Where Weft is installed. */
  readonly installNamespace: string;
  /** The control plane's revision, where one was asked for. */
  readonly revision?: string;
  readonly choice: KubeChoice;
  /** By which the control plane itself is asked, where it asks for a login. */
  readonly token?: string;
  ask<T>(path: string, init?: RequestInit): Promise<T>;
  /** The same, undefined where there is no such thing. */
  find<T>(path: string, init?: RequestInit): Promise<T | undefined>;
  /** A text as it comes: a log that is followed. */
  text(path: string, init?: RequestInit): AsyncIterable<string>;
  /** What is served of an API group. */
  served(group: string): Promise<readonly ServedResource[]>;
  /** A byte stream to a port of a Pod, its loopback included. */
  connect(at: PodPort): Promise<Duplex>;
}

export interface ClusterOptions {
  readonly installNamespace: string;
  readonly revision?: string;
  readonly timeoutMs: number;
  readonly token?: string;
  readonly signal: AbortSignal;
}

/** How long to wait for a connection: an API server that is not there must be told soon. */
const connectMs = 2500;

/** The cluster of a choice; nothing is asked yet. */
export function kubeCluster(choice: KubeChoice, options: ClusterOptions): KubeCluster {
  const { installNamespace, revision, timeoutMs, token, signal } = options;
  const client: KubernetesClient = kubernetesClient(choice.config, { connectMs });
  const asked = { context: choice.context, server: client.server };
  const told = (error: unknown) =>
    signal.aborted ? new CliError(exitCodes.interrupted, "interrupted") : clusterFailure(error, asked);
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    try {
      return await client.ask<T>(path, { timeoutMs, signal, ...init });
    } catch (error) {
      throw told(error);
    }
  };
  return {
    context: choice.context,
    namespace: choice.namespace,
    server: client.server,
    from: choice.from,
    installNamespace,
    ...(revision === undefined ? {} : { revision }),
    ...(token === undefined ? {} : { token }),
    choice,
    ask,
    async find<T>(path: string, init?: RequestInit) {
      try {
        return await ask<T>(path, init);
      } catch (error) {
        if (error instanceof CliError && error.exitCode === exitCodes.notFound) return undefined;
        throw error;
      }
    },
    async connect(at) {
      try {
        return await portForward(choice.config, at);
      } catch (error) {
        throw told(error);
      }
    },
    async served(group) {
      try {
        return await servedIn(client, group);
      } catch (error) {
        throw told(error);
      }
    },
    async *text(path, init = {}) {
      try {
        yield* client.text(path, { timeoutMs, signal, ...init });
      } catch (error) {
        throw told(error);
      }
    },
  };
}
