import { KubernetesError } from "../kubernetes/error.ts";
import type { Ask } from "./apply.ts";
import { inTurns } from "./in-turns.ts";
import type { Kinds } from "./kinds.ts";
import type { KubeObject } from "./object.ts";

/** What speaks for or against an installation. */
export interface Finding {
  readonly level: "error" | "warning" | "ok";
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** The oldest Kubernetes whose sidecar containers are on by default. */
const oldest = { major: 1, minor: 29 };

/** Looks at the cluster before anything is changed. Throws KubernetesError where it does not answer. */
export async function precheck(ask: Ask, objects: readonly KubeObject[], kinds: Kinds): Promise<readonly Finding[]> {
  const [version, rights, foreign] = await Promise.all([
    versionFinding(ask),
    missingRights(ask, objects, kinds),
    foreignControlPlanes(ask),
  ]);
  return [version, ...rights, ...foreign];
}

async function versionFinding(ask: Ask): Promise<Finding> {
  const said = await ask<{ readonly major: string; readonly minor: string; readonly gitVersion: string }>("/version");
  const major = Number.parseInt(said.major, 10);
  const minor = Number.parseInt(said.minor, 10);
  if (Number.isNaN(major) || Number.isNaN(minor))
    return { level: "warning", text: `the API server does not say which Kubernetes it is (${said.gitVersion})` };
  const old = major < oldest.major || (major === oldest.major && minor < oldest.minor);
  if (!old) return { level: "ok", text: `Kubernetes ${said.gitVersion}` };
  return {
    level: "error",
    text: `Kubernetes ${said.gitVersion} is too old: sidecar containers need ${oldest.major}.${oldest.minor} or later`,
    fix: "upgrade the cluster first",
  };
}

/** Server-side apply patches what is there, and creates what is not. */
const verbs = ["create", "patch"] as const;

async function missingRights(ask: Ask, objects: readonly KubeObject[], kinds: Kinds): Promise<readonly Finding[]> {
  const asked = new Map<string, { readonly group: string; readonly resource: string; readonly namespace?: string }>();
  for (const { apiVersion, kind, metadata } of objects) {
    const resource = kinds.get(`${apiVersion} ${kind}`)?.plural ?? "";
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const { namespace } = metadata;
    asked.set(`${group}/${resource}/${namespace}`, {
      group,
      resource,
      ...(namespace === undefined ? {} : { namespace }),
    });
  }
  const questions = [...asked.values()].flatMap((attributes) => verbs.map((verb) => ({ ...attributes, verb })));
  const reviews = await inTurns(questions, async (attributes) => {
    const review = await ask<{ readonly status: { readonly allowed: boolean } }>(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      { method: "POST", body: { spec: { resourceAttributes: attributes } } },
    );
    return { ...attributes, allowed: review.status.allowed };
  });
  const missing = reviews.filter(({ allowed }) => !allowed);
  return missing.map(({ verb, group, resource, namespace }) => ({
    level: "error",
    text: `you may not ${verb} ${resource}${group === "" ? "" : `.${group}`}${namespace === undefined ? "" : ` in ${namespace}`}`,
    fix: "install as a cluster administrator, or have the right granted",
  }));
}

interface List<T> {
  readonly items: readonly T[];
}

/** Istio's own control planes: both would answer for the same labels. */
async function foreignControlPlanes(ask: Ask): Promise<readonly Finding[]> {
  const query = { labelSelector: "app=istiod" };
  const found = await ask<List<KubeObject>>("/apis/apps/v1/deployments", { query }).catch((error: unknown) => {
    // Who may not look is told of missing rights already.
    if (error instanceof KubernetesError && error.code === 403) return { items: [] };
    throw error;
  });
  return found.items.map(({ metadata }) => ({
    level: "warning",
    text: `Istio's control plane ${metadata.name} runs in ${metadata.namespace}: both would inject Pods and write status`,
    fix: "install Weft as a revision of its own (--revision weft) and move namespaces by istio.io/rev, or remove Istio first",
  }));
}
