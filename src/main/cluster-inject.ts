import { type AdmissionReview, admitPod } from "../inject/admit.ts";
import type { InjectContext } from "../inject/context.ts";
import { type InjectionSettings, parseInjectionSettings } from "../inject/settings.ts";
import type { Log } from "../std/log.ts";
import type { ReviewHandler } from "./webhooks.ts";

export interface InjectingOptions extends Pick<InjectContext, "revision" | "installNamespace"> {
  readonly snapshot: () => InjectContext["snapshot"];
  /** The key `injection` of the mesh's ConfigMap as it is now. */
  readonly text: () => string | undefined;
  readonly log: Log;
}

/** The webhook `/inject`, with settings as they are at that moment. */
export function injecting({ snapshot, text, revision, installNamespace, log }: InjectingOptions): ReviewHandler {
  let read: { readonly text: string; readonly settings: InjectionSettings } | undefined;
  const settings = (): InjectionSettings => {
    const now = text() ?? "";
    if (read?.text === now) return read.settings;
    const { settings: parsed, faults } = parseInjectionSettings(now);
    for (const fault of faults) log.warn("a setting of injection is not taken", { fault });
    read = { text: now, settings: parsed };
    return parsed;
  };
  return (body) => {
    const admission = admitPod(body as AdmissionReview, {
      ...{ settings: settings(), snapshot: snapshot(), revision, installNamespace },
    });
    if (admission.outcome === "refused")
      log.warn("a Pod is refused", { namespace: (body as AdmissionReview).request?.namespace, why: admission.why });
    return admission.review;
  };
}
