/** A CEL expression as an access log's format. A text that is constant costs nothing at a request. */
export function celFormat(expression: string): string {
  const constant = /^\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*$/.exec(expression);
  if (constant !== null) return (constant[1] ?? constant[2] ?? "").replaceAll("%", "%%");
  return `%CEL(${written(expression)})%`;
}

const tokens = /r?"(?:[^"\\]|\\.)*"|r?'(?:[^'\\]|\\.)*'|[\s\S]/g;

/** On one line, and without `)%`, which would end the format's command; Istio's `node` is `xds.node` here. */
function written(expression: string): string {
  return [...expression.replace(/\s*\n\s*/g, " ").matchAll(tokens)]
    .map(([token]) => (token.length > 1 ? token.replaceAll(")%", ")\\x25") : token))
    .join("")
    .replaceAll(")%", ") %")
    .replace(/(^|[^\w.'"])node\./g, "$1xds.node.");
}
