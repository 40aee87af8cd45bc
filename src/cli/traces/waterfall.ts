import type { TraceSpan } from "../../api/contract/traces.ts";
import type { Colors } from "../output/colors.ts";
import { type Column, renderTable } from "../output/table.ts";

const barCells = 32;

/** Steps of a trace as a table with a bar each: `│  ▐███▌    │`. */
export function waterfall(spans: readonly TraceSpan[], colors: Colors): string {
  const begin = Math.min(...spans.map((s) => s.start));
  const length = Math.max(0.001, ...spans.map((s) => s.start + s.duration - begin));
  const columns: readonly Column<TraceSpan>[] = [
    { title: "WHERE", of: (s) => `${"  ".repeat(s.depth)}${s.workload || "?"} ${ways[s.kind]}`.trimEnd() },
    { title: "WHAT", of: (s) => operation(s.name) },
    { title: "STATUS", of: status, paint: (text, s) => (s.failed ? colors.red(text) : text) },
    { title: "AFTER", of: (s) => milliseconds(s.start - begin), align: "right" },
    { title: "TOOK", of: (s) => milliseconds(s.duration), align: "right" },
    { title: milliseconds(length), of: (s) => bar((s.start - begin) / length, s.duration / length) },
  ];
  return renderTable(columns, spans);
}

const ways: Readonly<Record<TraceSpan["kind"], string>> = { server: "<-", client: "->", other: "" };

function bar(left: number, width: number): string {
  const from = Math.min(barCells - 1, Math.floor(left * barCells));
  const cells = Math.max(1, Math.min(barCells - from, Math.round(width * barCells)));
  return `${".".repeat(from)}${"=".repeat(cells)}${".".repeat(barCells - from - cells)}`;
}

/** `503 UF`; `failed` where no answer says how. */
function status({ tags, failed }: TraceSpan): string {
  const code = tags["grpc.status_code"] ?? tags["http.status_code"] ?? tags["http.response.status_code"];
  const flags = tags["response_flags"];
  const said = [code, flags === "-" ? undefined : flags].filter((part) => part !== undefined && part !== "");
  return said.length > 0 ? said.join(" ") : failed ? "failed" : "-";
}

/** `reviews.default:9080/*`: without what all names of a cluster end with. */
export function operation(name: string): string {
  const to = /^router (\S+) egress$/.exec(name)?.[1]?.split("|").at(-1);
  return (to ?? name).replace(/\.svc\.[\w.-]+?(?=[:/]|$)/, "");
}

/** `0.8 ms`, `23 ms`, `1.2 s`. */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `${ms.toFixed(ms >= 10 ? 0 : 1)} ms`;
}
