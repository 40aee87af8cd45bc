import { ports } from "../agent/bootstrap.ts";
import { proxyUser } from "../agent/capture.ts";
import type { Job } from "./context.ts";
import { credentialMount } from "./credentials.ts";
import { drainOf } from "./drains.ts";
import { downward } from "./placeholder.ts";
import { type Container, type EnvVar, type Probe, proxyContainer, type Resources } from "./pod.ts";

import { overrideFolder, proxyArgs } from "./proxy-args.ts";
import { proxyUserOf } from "./proxy-user.ts";
import { redirectedProbe } from "./redirected-probe.ts";

/** Volume with the ConfigMap that the annotation `sidecar.istio.io/bootstrapOverride` names. */
export const overrideVolume = "custom-bootstrap-volume";

/** The container `istio-proxy`: stock Envoy, without privilege. */
export function proxyContainerOf(job: Job): Container | { readonly fault: string } {
  const { annotations, context, kind } = job;
  const { settings } = context;
  const resources = resourcesOf(job);
  const args = proxyArgs(job, resources);
  if ("fault" in args) return args;
  const { imagePullPolicy } = settings;
  return {
    name: proxyContainer,
    image: annotations["sidecar.istio.io/proxyImage"] ?? settings.proxyImage,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    command: ["/usr/local/bin/envoy"],
    args,
    ...(kind === "sidecar" ? { restartPolicy: "Always" } : {}),
    env: envOf(job),
    ports: [{ name: "http-envoy-prom", containerPort: ports.prometheus, protocol: "TCP" }],
    resources,
    securityContext: { ...unprivileged, runAsUser: proxyUserOf(job) },
    ...probesOf(job),
    lifecycle: { preStop: { httpGet: { path: drainOf(job).path, port: ports.probes } } },
    volumeMounts: [
      credentialMount,
      ...(annotations["sidecar.istio.io/bootstrapOverride"] === undefined
        ? []
        : [{ name: overrideVolume, mountPath: overrideFolder, readOnly: true }]),
      ...userMounts(annotations["sidecar.istio.io/userVolumeMount"]),
    ],
  };
}

const unprivileged = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsGroup: proxyUser,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

function envOf({ proxy }: Job): readonly EnvVar[] {
  const known = Object.entries(downward).map(([name, fieldPath]) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
  }));
  const said = Object.entries(proxy.env).filter(([name]) => !Object.hasOwn(downward, name));
  return [...known, ...said.map(([name, value]) => ({ name, value }))];
}

/** As in Istio the annotations count instead of all that the settings say. */
function resourcesOf({ annotations, context }: Job): Resources {
  const of = (cpu: string, memory: string) => {
    const said = { cpu: annotations[`sidecar.istio.io/${cpu}`], memory: annotations[`sidecar.istio.io/${memory}`] };
    return Object.fromEntries(Object.entries(said).filter((e): e is [string, string] => e[1] !== undefined));
  };
  const requests = of("proxyCPU", "proxyMemory");
  const limits = of("proxyCPULimit", "proxyMemoryLimit");
  const [some, limited] = [requests, limits].map((each) => Object.keys(each).length > 0);
  if (!some && !limited) return context.settings.resources;
  return { ...(some ? { requests } : {}), ...(limited ? { limits } : {}) };
}

function probesOf(job: Job): { startupProbe?: Probe; readinessProbe?: Probe } {
  const { annotations, context, kind } = job;
  const { settings } = context;
  const httpGet = { path: "/healthz/ready", port: ports.health };
  const number = (name: string, otherwise: number) =>
    Number(annotations[`readiness.status.sidecar.istio.io/${name}`] ?? otherwise);
  const ready: Probe = {
    httpGet,
    initialDelaySeconds: number("initialDelaySeconds", settings.readinessInitialDelaySeconds),
    periodSeconds: number("periodSeconds", settings.readinessPeriodSeconds),
    timeoutSeconds: 3,
    failureThreshold: number("failureThreshold", settings.readinessFailureThreshold),
  };
  // What starts after a sidecar waits for it: that it was asked often costs nothing, that it was asked late would.
  const started: Probe = {
    ...(redirectedProbe(job) ?? { httpGet }),
    ...{ periodSeconds: 1, timeoutSeconds: 3, failureThreshold: settings.startupFailureThreshold },
  };
  return {
    startupProbe: started,
    ...(kind === "sidecar" && annotations["status.sidecar.istio.io/port"] === "0" ? {} : { readinessProbe: ready }),
  };
}

function userMounts(text: string | undefined): readonly { name: string; mountPath: string }[] {
  const said = text === undefined ? {} : (JSON.parse(text) as Record<string, { readonly mountPath: string }>);
  return Object.entries(said).map(([name, mount]) => ({ ...mount, name }));
}
