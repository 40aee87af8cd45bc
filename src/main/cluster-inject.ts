import { type AdmissionReview, admitPod } from "../inject/admit.ts";
import type { InjectContext } from "../inject/context.ts";
import { type InjectionSettings, parseInjectionSettings } from "../inject/settings.ts";
import type { Log } from "../std/log.ts";
import { type ReviewHandler, strict } from "./webhooks.ts";

export interface InjectingOptions
  extends Pick<InjectContext, "revision" | "installNamespace" | "kubernetes" | "bootstrapOverride"> {
  readonly snapshot: () => InjectContext["snapshot"];
  /** The key `injection` of the mesh's ConfigMap as it is now. */
  readonly text: () => string | undefined;
  readonly log: Log;
}

/** The webhook `/inject`, with settings as they are at that moment. */
export function injecting({ snapshot, text, log, ...context }: InjectingOptions): ReviewHandler {
  let read: { readonly text: string; readonly settings: InjectionSettings } | undefined;
  const settings = (): InjectionSettings => {
    const now = text() ?? "";
    if (read?.text === now) return read.settings;
    const { settings: parsed, faults } = parseInjectionSettings(now);
    for (const fault of faults) log.warn("a setting of injection is not taken", { fault });
    read = { text: now, settings: parsed };
    return parsed;
  };
  return strict((body) => {
    const now = { ...context, settings: settings(), snapshot: snapshot() };
    const admission = admitPod(body as AdmissionReview, now);
    if (admission.outcome === "refused")
      log.warn("a Pod is refused", { namespace: (body as AdmissionReview).request?.namespace, why: admission.why });
    return admission.review;
  });
}
