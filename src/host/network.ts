import type { ProcessId } from "../agent/process.ts";

/** Where a Pod lives: its address, and how a process gets there. */
export interface Place {
  readonly ip: string;
  /** Where its application listens: the same address, but in loopback mode. */
  readonly applicationIp: string;
  /** Put before a command that shall run inside. */
  readonly enter: readonly string[];
  /** The process that keeps its namespaces; absent in loopback mode. */
  readonly holder?: ProcessId;
}

export interface PlaceRequest {
  /** Number of the Pod, unique among those that live: its address and its interface come from it. */
  readonly number: number;
  readonly hostname: string;
  /** Folder with the Pod's `resolv.conf` and `hosts`. */
  readonly folder: string;
  /** nftables rules for its own namespace. */
  readonly rules: string;
  /** Environment of the holder: it carries the mesh's mark. */
  readonly env: Readonly<Record<string, string>>;
}

/** How Pods are given addresses and kept apart. Namespaces on a bridge, or addresses of the loopback interface. */
export interface Network {
  /** The control plane's address, as proxies reach it. */
  readonly address: string;
  /** Source address of probes; undefined: any. */
  readonly probeFrom: string | undefined;
  /** Address of the nth Pod. */
  addressOf(number: number): string;
  open(request: PlaceRequest): Promise<Place>;
  /** A place that an earlier one of us opened, while its holder lives. */
  reopen(number: number, holder: ProcessId | undefined): Place | undefined;
  /** Takes the nth Pod's place away; `place` is undefined where its holder is gone already. */
  close(number: number, place: Place | undefined): Promise<void>;
  /** Takes away all that is shared. */
  destroy(): Promise<void>;
}
