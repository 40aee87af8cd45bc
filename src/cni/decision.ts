/** Whether a Pod's traffic is redirected from the node; `skip` says why not. */
export type Decision = { readonly redirect: true } | { readonly redirect: false; readonly skip: string };

/** What the injector did to a Pod: the value of its annotation. */
interface InjectionStatus {
  readonly initContainers?: readonly string[];
}

/** Set by the injector on each Pod that has a sidecar. */
export const statusAnnotation = "sidecar.istio.io/status";

type Annotations = Readonly<Record<string, string>>;

/**
 * Whether the node must redirect a Pod, by its annotations alone: it has an injected sidecar, no init container that does it, and is not told to be
 * left alone. https://istio.io/latest/docs/setup/additional-setup/cni/
 */
export function decide(annotations: Annotations): Decision {
  const status = annotations[statusAnnotation];
  if (status === undefined) return { redirect: false, skip: "it has no sidecar" };
  if (initContainers(status).includes("istio-init"))
    return { redirect: false, skip: "its init container istio-init redirects it" };
  if (annotations["sidecar.istio.io/interceptionMode"] === "NONE")
    return { redirect: false, skip: "sidecar.istio.io/interceptionMode is NONE" };
  return { redirect: true };
}

function initContainers(status: string): readonly string[] {
  try {
    const { initContainers } = JSON.parse(status) as InjectionStatus;
    return Array.isArray(initContainers) ? initContainers : [];
  } catch {
    return [];
  }
}
