/** What the address of the certificates carries: the part of the time ahead that is shown alone, and whether Envoys are asked. */
export interface CertificatesSearch {
  readonly ends?: string | undefined;
  readonly live?: boolean | undefined;
}

export function readCertificates(search: Readonly<Record<string, unknown>>): CertificatesSearch {
  return {
    ...(typeof search["ends"] === "string" ? { ends: search["ends"] } : {}),
    ...(search["live"] === true || search["live"] === "true" ? { live: true } : {}),
  };
}
