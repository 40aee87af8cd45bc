import type { ConfigFacts } from "../../../../src/api/contract/facts.ts";

/** Who writes: `weft` into a mesh of this machine, `kubectl` into a cluster. */
export type Writes = ConfigFacts["writes"];

/** The command that does the same in a terminal: the text comes by a here-document. */
export function cliOf(writes: Writes, text: string): string {
  const end = text.includes("\nEOF\n") ? "END_OF_YAML" : "EOF";
  const command = writes === "overlay" ? "npx weft apply --wait -f -" : "kubectl apply --server-side -f -";
  return `${command} <<'${end}'\n${text.trimEnd()}\n${end}`;
}

/** The command that takes one object away. */
export function deleteCliOf(
  writes: Writes,
  { kind, name, namespace }: { readonly kind: string; readonly name: string; readonly namespace: string },
): string {
  const what = `${kind.toLowerCase()}/${name}${namespace ? ` -n ${namespace}` : ""}`;
  return writes === "overlay" ? `npx weft delete ${what} --wait` : `kubectl delete ${what}`;
}
