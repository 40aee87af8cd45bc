import type { ConfigDetail } from "../../api/contract/config.ts";

type Detail = Pick<ConfigDetail, "name" | "at" | "yaml">;

interface Spec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly portLevelMtls?: Readonly<Record<string, unknown>>;
}

/**
 * The PeerAuthentication that makes a namespace strict: the one that holds for all of it, with another mode, or a new one named `default`.
 * `exceptions`: those of single workloads or ports, which count more.
 */
export async function strictYaml(
  namespace: string,
  there: readonly Detail[],
): Promise<{ readonly text: string; readonly exceptions: readonly Detail[] }> {
  const { parseDocument } = await import("yaml");
  const read = there.map((detail) => ({ detail, document: parseDocument(detail.yaml) }));
  const specOf = (document: (typeof read)[number]["document"]) =>
    (document.toJS() as { spec?: Spec } | null)?.spec ?? {};
  const isWide = (spec: Spec) => Object.keys(spec.selector?.matchLabels ?? {}).length === 0;
  const wide = read.find(({ document }) => isWide(specOf(document)));
  const exceptions = read.flatMap(({ detail, document }) => (isWide(specOf(document)) ? [] : [detail]));
  if (wide !== undefined) {
    wide.document.setIn(["spec", "mtls", "mode"], "STRICT");
    return { text: wide.document.toString(), exceptions };
  }
  const text = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: ${namespace}}
spec: {mtls: {mode: STRICT}}
`;
  return { text, exceptions };
}
