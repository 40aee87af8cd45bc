import type { Level } from "../model/diagnostic.ts";
import kiali from "./kiali-codes.json" with { type: "json" };

/** A code of Kiali's validations. */
export type KialiCode = keyof typeof kiali;

/** A code of Kiali's: its own title, and in our words what it means and how to mend it. Titles: kiali/kiali d733a09, models/istio_validation.go (Apache-2.0). */
interface KialiFinding {
  /** Kiali's "unknown" is Info here. */
  readonly level: Level;
  readonly title: string;
  readonly text: string;
  readonly fix: string;
  /** Why it is not looked for. */
  readonly unsupported?: string;
}

/** All of Kiali's codes, whether an analyser here tells them or not. */
export const kialiFindings = kiali as Readonly<Record<KialiCode, KialiFinding>>;

/** Whether a code is one of Kiali's. */
export function isKialiCode(code: string): code is KialiCode {
  return Object.hasOwn(kialiFindings, code);
}
