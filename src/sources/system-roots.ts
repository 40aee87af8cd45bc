import { readFileSync } from "node:fs";
import type { Source } from "../model/change.ts";
import { deepFreeze } from "../std/plain.ts";

/** Where operating systems keep the CA certificates that they trust, in the order in which Envoy looks. */
const files = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** The CA certificates of this machine, as the one object `SystemRoots system`; none where it has no such file. Read once. */
export function systemRootsSource(candidates: readonly string[] = files): Source {
  return {
    name: "CA certificates of the system",
    async start(listener) {
      const [found] = candidates.flatMap(read);
      listener({ changes: found === undefined ? [] : [{ put: found }], diagnostics: [] });
    },
    async stop() {},
  };
}

function read(file: string) {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  const position = { file, line: 1, column: 1 };
  return [
    deepFreeze({
      ...{ type: "SystemRoots", apiVersion: "v1", namespace: "", name: "system", labels: {}, annotations: {} },
      ...{ createdAt: 0, generation: 1, spec: {}, data: { data: { "ca.crt": text } } },
      origin: { ...position, at: file, locate: () => position },
    }),
  ];
}
