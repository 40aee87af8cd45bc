import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/error.ts";
import { gatewayNameLabel, managedLabel } from "../../model/gateway-class.ts";
import { fieldManager } from "../operator.ts";
import { collectionOf, type Manifest, plurals } from "./manifest.ts";

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
}

interface ClusterObject {
  readonly metadata: Metadata;
}

/** Whose an object is. */
export type Owner = { readonly name: string; readonly uid: string };

/** The uid of a Gateway; undefined where it is gone. Throws KubernetesError. */
export async function gatewayUid(
  client: KubernetesClient,
  apiVersion: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<string | undefined> {
  const found = await find(client, `/apis/${apiVersion}/namespaces/${namespace}/gateways/${name}`);
  return found?.metadata.uid;
}

/** What became of an object: it is as it should be, or a user has one of that name. */
export type Applied = "applied" | "another's";

/**
 * Makes an object as it should be, with our own fields alone; one that somebody else made is left as it is. Throws KubernetesError.
 */
export async function applyManifest(
  client: KubernetesClient,
  { collection, ref, body }: Manifest,
  owner: { readonly apiVersion: string } & Owner,
): Promise<Applied> {
  const path = `${collection}/${ref.name}`;
  const found = await find(client, path);
  if (found !== undefined && found.metadata.labels?.[managedLabel] === undefined) return "another's";
  const { apiVersion, name, uid } = owner;
  const ownerReferences = [{ apiVersion, kind: "Gateway", name, uid }];
  await client.ask(path, {
    ...{ method: "PATCH", contentType: "application/apply-patch+yaml", query: { fieldManager, force: true } },
    body: { ...body, metadata: { ...body.metadata, ownerReferences } },
  });
  return "applied";
}

/** An object that was made for a Gateway. */
export interface Made {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the Gateway. */
  readonly gateway: string;
  readonly uid: string;
}

/** All objects that we made for Gateways, and not Istio. Throws KubernetesError. */
export async function madeObjects(client: KubernetesClient): Promise<readonly Made[]> {
  const all = await Promise.all(
    Object.keys(plurals).map(async (type) => {
      const query = { labelSelector: managedLabel };
      const { items } = await client.ask<{ readonly items: readonly ClusterObject[] }>(collectionOf(type), { query });
      return items.filter(isOurs).map(({ metadata: { namespace, name, uid, labels } }) => ({
        ...{ type, namespace, name, uid },
        gateway: labels?.[gatewayNameLabel] ?? "",
      }));
    }),
  );
  return all.flat();
}

function isOurs({ metadata: { managedFields = [] } }: ClusterObject): boolean {
  return managedFields.some(({ manager, operation }) => manager === fieldManager && operation === "Apply");
}

/** Takes away an object that we made. Throws KubernetesError. */
export async function removeMade(client: KubernetesClient, { type, namespace, name, uid }: Made): Promise<void> {
  const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid }, propagationPolicy: "Background" };
  await orGone(client.ask(`${collectionOf(type, namespace)}/${name}`, { method: "DELETE", body }));
}

function find(client: KubernetesClient, path: string): Promise<ClusterObject | undefined> {
  return orGone(client.ask<ClusterObject>(path));
}

async function orGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 404) return undefined;
    throw error;
  }
}
