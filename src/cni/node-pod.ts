import { decide } from "./decision.ts";

/** What the agent reads of a Pod. */
export interface PodObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: { readonly hostNetwork?: boolean };
  readonly status?: {
    readonly phase?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
  };
}

/** Addresses of a Pod that must be redirected from the node and has a network; empty for all others. */
export function addressesToRedirect(pod: PodObject, excludeNamespaces: readonly string[]): readonly string[] {
  const { metadata, spec, status } = pod;
  if (spec?.hostNetwork === true || excludeNamespaces.includes(metadata.namespace)) return [];
  if (status?.phase !== "Pending" && status?.phase !== "Running") return [];
  if (metadata.deletionTimestamp !== undefined || !decide(metadata.annotations ?? {}).redirect) return [];
  return (status.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
}
