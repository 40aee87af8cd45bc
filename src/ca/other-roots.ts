import type { X509Certificate } from "node:crypto";
import type { KeyHome } from "./key-home.ts";
import { certificatesIn } from "./pem.ts";

/** Older or foreign roots that are trusted too, in PEM. */
const MORE_ROOTS_FILE = "more-roots.pem";

/** Roots of others that a home names beside its own. */
export interface OtherRoots {
  /** The last good ones. */
  readonly roots: readonly X509Certificate[];
  readonly trouble: string | undefined;
  /** Throws when the home cannot be read. */
  look(): Promise<void>;
}

export function otherRoots(home: KeyHome): OtherRoots {
  let roots: readonly X509Certificate[] = [];
  let trouble: string | undefined;
  return {
    get roots() {
      return roots;
    },
    get trouble() {
      return trouble;
    },
    async look() {
      const found = certificatesIn((await home.read(MORE_ROOTS_FILE)) ?? "");
      const wrong = found.findIndex((x509) => x509?.ca !== true);
      trouble =
        wrong < 0
          ? undefined
          : `${home.path(MORE_ROOTS_FILE)}: certificate ${wrong + 1} is not an authority's; take it out`;
      if (trouble === undefined) roots = found.filter((x509) => x509 !== undefined);
    },
  };
}
