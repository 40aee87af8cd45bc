import type { IstioCode } from "./messages.ts";

/** Codes of Istio's that no analyser here tells, and why. */
export const notTold: Readonly<Partial<Record<IstioCode, string>>> = {
  IST0141: "istioctl analyze does not look for it (precheck does): weft check --pre says which right is missing",
  IST0142: "istioctl analyze does not look for it (precheck does): weft check --pre says which version it takes",
  IST0143: "Istio has the code, and nothing that tells it any more: it took a look into a running Pod",
  IST0168: "Istio has the code, and nothing that tells it: it is about upgrades of istiod",
  IST0169: "istioctl analyze does not look for it (precheck --from-version does): it is about upgrades of istiod",
  IST0170: "the mesh reads one cluster",
};
