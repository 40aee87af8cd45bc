import type { Graph, GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";
import type { Problem } from "../../../src/api/contract/problems.ts";
import { byteRate, clockTime, latency, percent, rate, span } from "../format/quantity.ts";
import { flagWords } from "./flag-words.ts";
import { nameOf } from "./plates.ts";
import { flows, stateOf } from "./strength.ts";
import { sumsOf } from "./sums.ts";

/** A report on what a graph shows, in Markdown: for an incident's notes. */
export function reportOf(
  graph: Graph,
  about: { readonly mesh: string; readonly link: string; readonly problems: readonly Problem[] },
): string {
  const names = new Map(graph.nodes.map((n) => [n.id, nameOf(n)]));
  const called = (id: string) => names.get(id) ?? id;
  const sums = sumsOf(graph);
  const from = graph.at - graph.window * 1000;
  const bad = graph.nodes.filter((n) => n.health === "failing" || n.health === "degraded");
  const flowing = graph.edges
    .filter(flows)
    .toSorted((a, b) => b.errorShare - a.errorShare || (b.p95 ?? 0) - (a.p95 ?? 0));
  return [
    `# Traffic of ${about.mesh}, ${new Date(graph.at).toISOString().slice(0, 10)} ${clockTime(from, true)} to ${clockTime(graph.at, true)}`,
    `The ${span(graph.window * 1000)} before ${new Date(graph.at).toISOString()}. ${about.link}`,
    list(
      "Worst first",
      about.problems.map((p) => `${p.health}: ${p.sentence}`),
    ),
    list("In sum", [
      `from outside: ${rate(sums.fromOutside)}`,
      `between workloads: ${rate(sums.inside)}`,
      `failed: ${percent(sums.errorShare)}`,
      `slowest p95: ${latency(sums.slowest)}`,
    ]),
    list(
      "Not well",
      bad.map((n) => `${nameOf(n)}${where(n)}: ${n.health}`),
    ),
    table(flowing.slice(0, 50), called),
    flowing.length > 50 ? `and ${flowing.length - 50} more edges` : "",
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

function where(node: GraphNode): string {
  return node.namespace ? ` in ${node.namespace}` : "";
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `## ${title}\n\n${lines.map((l) => `- ${escaped(l)}`).join("\n")}`;
}

function table(edges: readonly GraphEdge[], called: (id: string) => string): string {
  if (edges.length === 0) return "";
  const head = "| from | to | protocol | rate | failed | p50 | p95 | p99 | state | codes, flags |";
  const rows = edges.map((e) => {
    const figures =
      e.protocol === "tcp"
        ? ["–", byteRate(e.bytesReceivedRate), byteRate(e.bytesSentRate), "–"]
        : [percent(e.errorShare), latency(e.p50), latency(e.p95), latency(e.p99)];
    const codes = Object.entries(e.codes).map(([code, n]) => `${code === "0" ? "no answer" : code}: ${rate(n)}`);
    const flags = Object.entries(e.flags).map(
      ([flag, n]) => `${flag}${flagWords[flag] ? ` (${flagWords[flag]})` : ""}: ${rate(n)}`,
    );
    const cells = [
      called(e.source),
      called(e.target),
      e.protocol,
      rate(e.rate),
      ...figures,
      stateOf(e),
      [...codes, ...flags].join(", "),
    ];
    return `| ${cells.map((c) => escaped(c).replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return `## Edges, worst first\n\n${[head, `|${" --- |".repeat(10)}`, ...rows].join("\n")}`;
}

/** Names come from others: what Markdown would read in them is taken as it is. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>]/g, "\\$&").replace(/\s+/g, " ");
}
