import type { AuthoritySettings } from "../ca/authority.ts";
import type { EagerPolicy } from "../discovery/eager-policy.ts";
import type { Validate } from "../sources/text/text.ts";
import type { Clock } from "../std/clock.ts";
import type { TlsVersion } from "../xds/listener.ts";
import type { Output } from "./output/output.ts";
import type { UpView } from "./up-view.ts";

/** All that the commands need of the world beside the file system and HTTP. `main/` makes it. */
export interface CliDeps {
  readonly version: string;
  /** Data only. */
  readonly stdout: Output;
  /** Progress, warnings, hints. */
  readonly stderr: Output;
  /** All of standard input; empty where it is a terminal. */
  readonly readStdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly clock: Clock;
  readonly processes: Processes;
  /** Aborts when the user presses Ctrl-C, or the process is asked to end. */
  readonly interrupted: AbortSignal;
  /** Judges single objects; loaded when a command needs it, as the schemas take a while. */
  readonly loadValidate: () => Promise<Validate>;
  /** The folder of objects that `weft up` adds to every mesh: the ingress gateway. */
  readonly installFolder: string;
  /** The folder of the Helm charts, which `weft install` renders. */
  readonly chartsFolder: string;
  /** Brings a mesh up on this machine; resolves when every workload is ready and the doors answer. Rejects with a CliError where the reason is the user's. */
  readonly up: (options: UpOptions, view: UpView) => Promise<RunningMesh>;
  /** Takes away what a mesh of this state folder left on the machine; false when there was nothing. */
  readonly sweep: (stateDir: string) => Promise<boolean>;
  /** Runs the control plane alone; resolves when it listens. */
  readonly serve: (options: ServeOptions) => Promise<RunningControlPlane>;
  /** Runs the control plane of a Kubernetes cluster; resolves when it listens, which may be before it is ready. */
  readonly serveCluster: (options: ServeClusterOptions) => Promise<RunningControlPlane>;
  /** Runs the agent of one node of a Kubernetes cluster; resolves when Pods can be redirected, or will be once the node has a network. */
  readonly cni: (options: CniOptions) => Promise<RunningCni>;
}

/** Other processes of this machine. */
export interface Processes {
  readonly alive: (pid: number) => boolean;
  /** Asks a process to end (SIGTERM). */
  readonly stop: (pid: number) => void;
}

export interface UpOptions {
  /** Folders of YAML, as the user named them. */
  readonly folders: readonly string[];
  /** The mesh's name: `bookinfo` for `samples/bookinfo`. */
  readonly name: string;
  /** Absolute. Certificates, overlay, logs and history live here. */
  readonly stateDir: string;
  /** Absolute: where meshes are entered while they run (`registry.ts`). */
  readonly registryDir: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly consolePort: number;
  /** Absolute: who may log in to the console, how, and what they may. */
  readonly accessFile?: string;
  /** What the console listens on beside loopback. */
  readonly consoleAddress?: string;
  /** A file with Istio's MeshConfig. */
  readonly meshConfig?: string;
  readonly eager?: EagerPolicy;
  /** URL of the Redis that counts for rate limits of scope Global; absent: the control plane counts. */
  readonly rateLimitRedis?: string;
  /** URL of the Prometheus that is asked for traffic. */
  readonly prometheus?: string;
  /** `zipkin+http://HOST:9411`: who is asked for traces; absent: the control plane keeps some. */
  readonly traces?: string;
  /** Lives and keys of certificates. */
  readonly authority?: AuthoritySettings;
  /** Where an authority of the user's may be plugged in; `cacerts` of the state folder when absent. */
  readonly caDir?: string;
  /** Ranges of addresses that keys and modules may be fetched from though they are not the public internet's. */
  readonly fetchFrom?: readonly string[];
  /** Ctrl-C while it comes up. */
  readonly signal: AbortSignal;
}

/** A mesh that is up. */
export interface RunningMesh {
  /** Addresses of the gateways on this machine: `http://localhost:8080`; the first is shown. */
  readonly doors: readonly string[];
  /** Gateways of Gateway API, `namespace/name:port`, and where this machine reaches them. */
  readonly gateways: readonly { readonly name: string; readonly address: string }[];
  /** The console's address: `http://localhost:20001`. */
  readonly console: string;
  /** The same with a one-time token, by which a browser may change the mesh; good for ten minutes. */
  readonly consoleLink: string;
  /** Resolves when the mesh was asked to stop by its API (`weft down`). */
  readonly stopAsked: Promise<void>;
  /** Stops everything; answers what was removed: `7 applications`, `8 network namespaces`. */
  stop(): Promise<readonly string[]>;
}

export interface ServeOptions {
  readonly folders: readonly string[];
  readonly name: string;
  readonly stateDir: string;
  readonly registryDir: string;
  readonly xds: Address;
  /** xDS without TLS and without identities; no secret is served. */
  readonly plaintext: boolean;
  /** The least version of TLS on its ports. */
  readonly tlsMinVersion: TlsVersion;
  readonly consolePort: number;
  /** Absolute: who may log in to the console, how, and what they may. */
  readonly accessFile?: string;
  /** What the console listens on beside loopback. */
  readonly consoleAddress?: string;
  readonly meshConfig?: string;
  readonly eager?: EagerPolicy;
  /** URL of the Redis that counts for rate limits of scope Global; absent: the control plane counts. */
  readonly rateLimitRedis?: string;
  /** URL of the Prometheus that is asked for traffic. */
  readonly prometheus?: string;
  /** `zipkin+http://HOST:9411`: who is asked for traces; absent: the control plane keeps some. */
  readonly traces?: string;
  /** Lives and keys of certificates. */
  readonly authority?: AuthoritySettings;
  /** Where an authority of the user's may be plugged in; `cacerts` of the state folder when absent. */
  readonly caDir?: string;
  /** Ranges of addresses that keys and modules may be fetched from though they are not the public internet's. */
  readonly fetchFrom?: readonly string[];
}

export interface ServeClusterOptions {
  /** Where it is installed; also the root namespace of Istio's objects. */
  readonly namespace: string;
  readonly revision: string;
  /** Absent: the Pod's own credentials. */
  readonly kubeconfig?: string;
  /** What it listens on beside the console; absent: all addresses. */
  readonly address?: string;
  /** Absolute. Modules and history are kept here; nothing that must last. */
  readonly stateDir: string;
  readonly consolePort: number;
  /** Absolute: who may log in to the console, how, and what they may. */
  readonly accessFile?: string;
  /** What the console listens on beside loopback. */
  readonly consoleAddress?: string;
  readonly eager?: EagerPolicy;
  readonly rateLimitRedis?: string;
  /** URL of the Prometheus that is asked for traffic. */
  readonly prometheus?: string;
  /** `zipkin+http://HOST:9411`: who is asked for traces; absent: the control plane keeps some. */
  readonly traces?: string;
  /** ServiceAccounts of nodes' proxies, `istio-system/ztunnel`, which may ask for certificates of the workloads on their node. */
  readonly trustedNodeAccounts: readonly string[];
  /** The least version of TLS on its ports. */
  readonly tlsMinVersion: TlsVersion;
  /** Lives and keys of certificates. */
  readonly authority?: AuthoritySettings;
  /** Ranges of addresses that keys and modules may be fetched from though they are not the public internet's. */
  readonly fetchFrom?: readonly string[];
  /** Asked to end while it comes up. */
  readonly signal: AbortSignal;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RunningControlPlane {
  /** `127.0.0.1:15010`, as it listens. */
  readonly xds: string;
  readonly console: string;
  /** The same with a one-time token; absent where nobody reads it. */
  readonly consoleLink?: string;
  readonly stopAsked: Promise<void>;
  stop(): Promise<void>;
}

export interface CniOptions {
  /** This node's name. */
  readonly node: string;
  /** Where Weft is installed. */
  readonly namespace: string;
  /** A kubeconfig; the Pod's own account where absent. */
  readonly kubeconfig?: string;
  /** In these no Pod is redirected, beside those of Weft and kube-system. */
  readonly excludeNamespaces: readonly string[];
  /** What is done about Pods that started before the plugin was there. */
  readonly repair: "redirect" | "delete" | "none";
  /** Absolute paths: of the host's CNI programs and configuration, of network namespaces, of our socket, of our plugin. */
  readonly binDir: string;
  readonly confDir: string;
  readonly netnsDir: string;
  readonly socket: string;
  readonly plugin: string;
  /** The agent's own DaemonSet: when that is gone, it was uninstalled. */
  readonly daemonSet: string;
}

export interface RunningCni {
  /** Ends; takes away what is on the host if it was uninstalled. */
  stop(): Promise<void>;
}
