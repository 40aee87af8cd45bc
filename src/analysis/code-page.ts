import { isKialiCode, kialiFindings } from "./kiali.ts";
import { isIstioCode } from "./messages.ts";

/** The page about a code in the documentation of the project that it is of; undefined for Weft's own. */
export function codePage(code: string): string | undefined {
  if (isIstioCode(code)) return `https://istio.io/latest/docs/reference/config/analysis/${code.toLowerCase()}/`;
  if (!isKialiCode(code)) return undefined;
  // The anchor is the heading's, as Kiali's site makes it.
  const words = `${code} - ${kialiFindings[code].title}`.toLowerCase();
  return `https://kiali.io/docs/features/validations/#${words.replace(/[^a-z0-9 _-]/g, "").replaceAll(" ", "-")}`;
}
