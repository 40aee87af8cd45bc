import type { ApiClient } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { CliError, exitCodes } from "./exit.ts";
import type { KubeCluster } from "./kube/cluster.ts";
import type { KubeFlags } from "./kube/kubeconfig.ts";
import { type ColorChoice, type Colors, colorsFor } from "./output/colors.ts";
import { nonEmpty, type Target, tokenIn } from "./server.ts";
import { whichMesh } from "./which.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  readonly server?: string;
  /** A file with the token that the control plane is asked with. */
  readonly tokenFile?: string;
  readonly kube: KubeFlags;
  /** Where Weft is installed in a cluster. */
  readonly installNamespace: string;
  readonly color: ColorChoice;
  readonly timeoutMs: number;
}

/** One run of the program: what a command writes to and asks of. */
export class Session {
  readonly deps: CliDeps;
  readonly #options: () => GlobalOptions;
  /** Set by a command that ends well with findings. */
  exitCode = 0;

  constructor(deps: CliDeps, options: () => GlobalOptions) {
    this.deps = deps;
    this.#options = options;
  }

  get options(): GlobalOptions {
    return this.#options();
  }

  /** Colours of standard output. */
  get colors(): Colors {
    return colorsFor(this.options.color, this.deps.env, this.deps.stdout);
  }

  /** Colours of standard error. */
  get errorColors(): Colors {
    return colorsFor(this.options.color, this.deps.env, this.deps.stderr);
  }

  /** Data. */
  out(text: string): void {
    this.deps.stdout.write(text);
  }

  /** A line for people, on standard error. */
  say(line: string): void {
    this.deps.stderr.write(`${line}\n`);
  }

  warn(line: string): void {
    this.say(`${this.errorColors.yellow("warning:")} ${line}`);
  }

  /** The mesh that is asked: its address, or the cluster that it runs in. Says so where several could be meant. */
  async where(revision?: string): Promise<Target | KubeCluster> {
    const which = await whichMesh(this.options.server, this.options.kube, this.deps);
    if (which.kind === "cluster") return this.cluster(revision);
    const { clusterToo } = which;
    const token = tokenIn(this.options.tokenFile);
    const target = token === undefined ? which.target : { ...which.target, token };
    if (target.others !== undefined)
      this.warn(
        `several meshes run; asking ${target.mesh?.name} (also: ${target.others.join(", ")}). Choose with --server`,
      );
    else if (clusterToo && target.from.startsWith("mesh "))
      this.say(this.errorColors.dim(`asking ${target.from} of this machine; --context NAME asks a cluster`));
    return target;
  }

  /** The cluster that flags, KUBECONFIG or `~/.kube/config` name; nothing is asked of it yet. */
  async cluster(revision?: string): Promise<KubeCluster> {
    const [{ chooseKube }, { kubeCluster }] = await Promise.all([
      import("./kube/kubeconfig.ts"),
      import("./kube/cluster.ts"),
    ]);
    const { kube, installNamespace, timeoutMs } = this.options;
    const token = tokenIn(this.options.tokenFile) ?? nonEmpty(this.deps.env["WEFT_TOKEN"]);
    return kubeCluster(await chooseKube(kube, this.deps), {
      ...{ installNamespace, timeoutMs, signal: this.deps.interrupted },
      ...(token === undefined ? {} : { token }),
      ...(revision === undefined ? {} : { revision }),
    });
  }

  async client(revision?: string): Promise<ApiClient> {
    // Loaded now: help and files need no HTTP.
    const { ApiClient } = await import("./client.ts");
    const where = await this.where(revision);
    if (!("choice" in where)) return new ApiClient(where, this.deps.interrupted, this.options.timeoutMs);
    const { clusterApis } = await import("./kube/cluster-api.ts");
    const [first] = await clusterApis(where, this.deps.interrupted, this.options.timeoutMs);
    return first.client;
  }

  /** The control plane of a mesh with an address; of a cluster's it throws, with the command that does it there. */
  async addressed(instead: (cluster: KubeCluster) => string): Promise<ApiClient> {
    const where = await this.where();
    if (!("choice" in where)) return this.client();
    throw new CliError(
      exitCodes.usage,
      `this is for a mesh that has an address, and what was found is the cluster of context ${where.context} (${where.from})`,
      `${instead(where)}. A mesh by its address: --server URL`,
    );
  }
}
