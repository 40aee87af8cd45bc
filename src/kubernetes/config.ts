import { existsSync } from "node:fs";
import { KubeConfig } from "@kubernetes/client-node";

/** Where a Pod finds its ServiceAccount. */
const inPod = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Credentials of a kubeconfig, else those of the Pod that this runs in. Throws where there are none. */
export function serverCredentials(kubeconfig?: string): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
  else if (existsSync(inPod)) config.loadFromCluster();
  else throw new Error("this is no Pod with a ServiceAccount; name a kubeconfig with --kubeconfig");
  return config;
}
