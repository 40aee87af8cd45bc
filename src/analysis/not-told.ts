import type { IstioCode } from "./messages.ts";

/** Codes of Istio's that no analyser here tells, and why. */
export const notTold: Readonly<Partial<Record<IstioCode, string>>> = {
  IST0001: "a fault of Weft's own is in its log, with what it was about",
  IST0141: "weft install says itself which permission is missing",
  IST0142: "weft install says itself which versions of Kubernetes it takes",
  IST0143: "it takes a look into a running Pod",
  IST0168: "it is about upgrades of istiod",
  IST0169: "it is about upgrades of istiod",
  IST0170: "the mesh reads one cluster",
};
