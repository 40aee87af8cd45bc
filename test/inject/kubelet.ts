import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Container, Pod } from "../../src/inject/pod.ts";

/**
 * `$(NAME)` and `$$` in a container's arguments, as a kubelet replaces them.
 * Source: k8s.io/kubernetes third_party/forked/golang/expansion/expand.go.
 */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, next: string, name: string | undefined) => {
    if (next === "$") return "$";
    return name !== undefined && Object.hasOwn(variables, name) ? (variables[name] as string) : whole;
  });
}

/** The Pod's fields that its containers ask for as variables. */
export function variablesOf(container: Container, pod: Pod, ip: string): Readonly<Record<string, string>> {
  const known: Readonly<Record<string, string>> = {
    "metadata.name": pod.metadata?.name ?? "",
    "metadata.namespace": pod.metadata?.namespace ?? "default",
    "status.podIP": ip,
    "status.podIPs": ip,
    "status.hostIP": "10.0.0.1",
    "spec.nodeName": "node1",
    "spec.serviceAccountName": "default",
  };
  const value = ({ valueFrom }: { readonly valueFrom?: unknown }) =>
    known[(valueFrom as { fieldRef: { fieldPath: string } }).fieldRef.fieldPath] ?? "";
  return Object.fromEntries((container.env ?? []).map((each) => [each.name, each.value ?? value(each)]));
}

/** A folder that is written as a kubelet writes projected volumes: all of it is swapped at once, by the link `..data`. */
export class Volume {
  readonly folder = mkdtempSync(join(tmpdir(), "weft-volume-"));
  #round = 0;
  readonly #names = new Set<string>();

  put(files: Readonly<Record<string, string>>): void {
    const round = `..round${++this.#round}`;
    mkdirSync(join(this.folder, round));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, round, name), text);
    symlinkSync(round, join(this.folder, "..data_tmp"));
    renameSync(join(this.folder, "..data_tmp"), join(this.folder, "..data"));
    for (const name of Object.keys(files)) {
      if (this.#names.has(name)) continue;
      symlinkSync(join("..data", name), join(this.folder, name));
      this.#names.add(name);
    }
    if (this.#round > 1) rmSync(join(this.folder, `..round${this.#round - 1}`), { recursive: true });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The files that a Pod's volume of credentials holds: what an API server, a ConfigMap and the Pod's annotations say. */
export function credentialFiles(pod: Pod, token: string, root: string): Readonly<Record<string, string>> {
  interface Projected {
    readonly name: string;
    readonly projected?: {
      readonly sources: readonly {
        readonly serviceAccountToken?: { readonly path: string };
        readonly configMap?: { readonly items: readonly { readonly path: string }[] };
        readonly downwardAPI?: {
          readonly items: readonly { readonly path: string; readonly fieldRef: { readonly fieldPath: string } }[];
        };
      }[];
    };
  }
  const volume = ((pod.spec?.volumes ?? []) as readonly Projected[]).find(({ projected }) => projected !== undefined);
  const carried = (path: string) =>
    pod.metadata?.annotations?.[/^metadata\.annotations\['(.*)'\]$/.exec(path)?.[1] ?? ""] ?? "";
  return Object.fromEntries(
    (volume?.projected?.sources ?? []).flatMap(({ serviceAccountToken, configMap, downwardAPI }) => [
      ...(serviceAccountToken === undefined ? [] : [[serviceAccountToken.path, token]]),
      ...(configMap?.items ?? []).map(({ path }) => [path, root]),
      ...(downwardAPI?.items ?? []).map(({ path, fieldRef }) => [path, carried(fieldRef.fieldPath)]),
    ]),
  );
}
