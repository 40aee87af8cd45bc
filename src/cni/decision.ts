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
 * Whether the node must redirect a Pod, by its annotations alone: our injector gave it a sidecar, no init container that does it, and it is not told
 * to be left alone. https://istio.io/latest/docs/setup/additional-setup/cni/
 */
export function decide(annotations: Annotations): Decision {
  const status = annotations[statusAnnotation];
  if (status === undefined) return { redirect: false, skip: "it has no sidecar" };
  const init = initContainers(status);
  // A gateway's proxy is an ordinary container; so is a sidecar of another mesh.
  if (!init.includes("istio-proxy")) return { redirect: false, skip: "its proxy is no native sidecar" };
  if (init.includes("istio-init")) return { redirect: false, skip: "its init container istio-init redirects it" };
  if (init.includes("istio-validation"))
    return { redirect: false, skip: "another mesh's plugin redirects it: it has an init container istio-validation" };
  if (annotations["sidecar.istio.io/interceptionMode"] === "NONE")
    return { redirect: false, skip: "sidecar.istio.io/interceptionMode is NONE" };
  return { redirect: true };
}

/** A text that is no status names none. */
function initContainers(status: string): readonly string[] {
  try {
    const said = JSON.parse(status) as InjectionStatus | null;
    return Array.isArray(said?.initContainers) ? said.initContainers : [];
  } catch {
    return [];
  }
}
