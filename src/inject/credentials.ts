import { secretsInFiles } from "../agent/bootstrap-xds.ts";

/** ConfigMap of each namespace with the roots that a control plane's certificate is checked against. */
export const rootConfigMap = "weft-ca-root-cert";
/** Its key, a bundle in PEM. */
export const rootKey = "root-cert.pem";

const folder = "/var/run/secrets/weft";
const volume = "weft-credentials";
/** Annotations that carry Envoy's file-based SDS into the volume: nothing but Envoy runs in the container that could write it. */
const carriers = { token: "weft.dev/sds-token", root: "weft.dev/sds-root" } as const;

/** Files that Envoy reads its secrets for the control plane from. */
export const sdsFiles = { tokenSds: `${folder}/sds-token.json`, rootSds: `${folder}/sds-root.json` } as const;

export const credentialMount = { name: volume, mountPath: folder, readOnly: true };

/** Annotations of the Pod; each names the files that hold the secret, not the secret. */
export function credentialAnnotations(): Readonly<Record<string, string>> {
  const sds = secretsInFiles({ token: `${folder}/token`, root: `${folder}/${rootKey}` });
  return { [carriers.token]: JSON.stringify(sds.token), [carriers.root]: JSON.stringify(sds.root) };
}

/**
 * The ServiceAccount's token for the control plane and the roots, in one volume. The kubelet renews both and puts them in place whole; Envoy
 * watches the folder, and its next stream has them. Until the ConfigMap is there the Pod waits.
 */
export function credentialVolume(): { readonly name: string } & Readonly<Record<string, unknown>> {
  const carried = (path: string, annotation: string) => ({
    path,
    fieldRef: { fieldPath: `metadata.annotations['${annotation}']` },
  });
  const items = [carried("sds-token.json", carriers.token), carried("sds-root.json", carriers.root)];
  return {
    name: volume,
    projected: {
      sources: [
        // Audience and lifetime are Istio's.
        { serviceAccountToken: { audience: "istio-ca", expirationSeconds: 43_200, path: "token" } },
        { configMap: { name: rootConfigMap, items: [{ key: rootKey, path: rootKey }] } },
        { downwardAPI: { items } },
      ],
    },
  };
}
