/** The command that does the same in a terminal: the text comes by a here-document. */
export function cliOf(verb: "apply" | "delete", text: string): string {
  const end = text.includes("\nEOF\n") ? "END_OF_YAML" : "EOF";
  return `npx weft ${verb} --wait -f - <<'${end}'\n${text.trimEnd()}\n${end}`;
}
