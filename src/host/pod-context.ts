import type { Resource } from "../model/resource.ts";
import type { Network } from "./network.ts";
import type { HostOptions } from "./options.ts";
import type { Problem } from "./pod-application.ts";

/** What a Pod (`P`) needs of its host. */
export interface PodContext<P> {
  readonly options: HostOptions;
  readonly network: Network;
  readonly runFolder: string;
  /** Environment that marks every process of the mesh. */
  readonly mark: Readonly<Record<string, string>>;
  /** Environment of applications before their own. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly become: readonly string[];
  find(namespace: string, type: "ConfigMap" | "Secret", name: string): Resource | undefined;
  /** Something that others see has changed: state on disk, the Pod's resource, the next step of its Deployment. */
  changed(pod: P): void;
  /** What is wrong with it now, for the user; undefined when all is well. */
  problem(pod: P, what: Problem | undefined): void;
}
