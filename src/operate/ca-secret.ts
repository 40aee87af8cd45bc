import type { KeyHome } from "../ca/key-home.ts";
import { type CaSource, caFileNames } from "../ca/plugged-in.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError, orNothing } from "../kubernetes/error.ts";

interface Secret {
  readonly metadata: { readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Keys in the Secret `weft-ca` of the install namespace. Replicas and revisions share it: whoever is first makes it, and the others read. */
export function caSecret(client: KubernetesClient, namespace: string, name = "weft-ca"): KeyHome {
  const all = `/api/v1/namespaces/${namespace}/secrets`;
  const find = () => orNothing(client.ask<Secret>(`${all}/${name}`));
  const read = async (key: string) => textOf(await find(), key);
  const write = async (key: string, before: string | undefined, next: string): Promise<void> => {
    const data = { [key]: Buffer.from(next).toString("base64") };
    const found = await find();
    if (found === undefined) {
      if (before !== undefined) return;
      const labels = { app: "weft" };
      const body = { apiVersion: "v1", kind: "Secret", type: "Opaque", metadata: { name, labels }, data };
      await client.ask(all, { method: "POST", body });
      return;
    }
    // One that somebody made without this key (or the chart, empty); whoever wrote since then was first.
    if (textOf(found, key) !== before) return;
    const { resourceVersion } = found.metadata;
    await client.ask(`${all}/${name}`, {
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body: { metadata: { resourceVersion }, data },
    });
  };
  return {
    path: (key) => `Secret ${namespace}/${name}, key ${key}`,
    read,
    async replace(key, before, next) {
      await write(key, before, next).catch((error: KubernetesError) => {
        if (error.code !== 409) throw error;
      });
      const kept = await read(key);
      if (kept === undefined)
        throw new KubernetesError(409, "Conflict", `Secret ${namespace}/${name} was deleted meanwhile`);
      return kept;
    },
  };
}

/** The Secret that an authority of the user's is plugged in by, as Istio has it. */
export function pluggedInSecret(client: KubernetesClient, namespace: string, name = "cacerts"): CaSource {
  return {
    place: `Secret ${namespace}/${name}`,
    async read() {
      const found = await orNothing(client.ask<Secret>(`/api/v1/namespaces/${namespace}/secrets/${name}`));
      const files = caFileNames.flatMap((key) => {
        const text = textOf(found, key);
        return text === undefined ? [] : [[key, text] as const];
      });
      return files.length === 0 ? undefined : Object.fromEntries(files);
    },
  };
}

/** The roots that the install namespace was told of: proof that there was an authority where its Secret is gone. */
export async function publishedRoots(client: KubernetesClient, namespace: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/weft-ca-root-cert`;
  const found = await orNothing(client.ask<{ readonly data?: Readonly<Record<string, string>> }>(path));
  return found?.data?.["root-cert.pem"];
}

function textOf(secret: Secret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value === undefined || value === "" ? undefined : Buffer.from(value, "base64").toString();
}
