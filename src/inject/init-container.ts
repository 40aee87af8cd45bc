import { captureRules, proxyUser } from "../agent/capture.ts";
import type { Job } from "./context.ts";
import { type Container, initContainer } from "./pod.ts";

/** The init container that redirects the Pod's traffic: nft with the rules as its argument, once more after a restart of the Pod. */
export function initContainerOf(job: Job): Container {
  const { settings } = job.context;
  const rules = captureRules({ proxy: "sidecar", own: { uid: proxyUser }, annotations: job.annotations });
  const { imagePullPolicy } = settings;
  return {
    name: initContainer,
    image: settings.initImage ?? settings.proxyImage,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    command: ["/usr/sbin/nft"],
    args: [rules],
    resources: settings.initResources,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: 0,
      runAsNonRoot: false,
      runAsUser: 0,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}
