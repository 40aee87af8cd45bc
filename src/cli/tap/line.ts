import type { TapRequest } from "../../api/contract/tap.ts";
import type { Colors } from "../output/colors.ts";
import { callerOf } from "../policy/access.ts";

/** One request as a line: `14:03:07.120  default/web → default/reviews-v1:9080  GET /reviews/0  200  12 ms`. */
export function lineOf(request: TapRequest, colors: Colors): string {
  const { destination: d, port, protocol, durationMs, at } = request;
  const to = `${d.namespace}/${d.workload}:${port}`;
  const asked =
    protocol === "tcp"
      ? `a connection, ${request.requestBytes} B in, ${request.responseBytes} B out`
      : `${request.method ?? "?"} ${pathOf(request)}`;
  const parts = [
    colors.dim(new Date(at).toISOString().slice(11, 23)),
    `${sourceOf(request)} ${colors.dim("→")} ${to}`,
    asked,
    answerOf(request, colors),
    durationMs === undefined ? "" : `${durationMs} ms`,
    request.mtls ? "" : colors.yellow("plaintext"),
    noteOf(request, colors),
  ];
  return `${parts.filter((part) => part !== "").join("  ")}\n`;
}

function sourceOf(request: TapRequest): string {
  return request.source.workload ?? callerOf(request);
}

function pathOf({ host = "", path = "", query = [] }: TapRequest): string {
  const names = query.length === 0 ? "" : `?${query.map((name) => `${name}=…`).join("&")}`;
  return `${host}${path}${names}`;
}

function answerOf({ protocol, code, grpcStatus, flags }: TapRequest, colors: Colors): string {
  if (protocol === "tcp") return flags.join(",");
  const said = code === undefined || code === 0 ? "no answer" : String(code);
  const whole = [said, ...(grpcStatus === undefined ? [] : [`grpc ${grpcStatus}`]), ...flags].join(" ");
  if (code === undefined || code === 0 || code >= 500 || (grpcStatus ?? 0) !== 0) return colors.red(whole);
  return code >= 400 ? colors.yellow(whole) : colors.green(whole);
}

function noteOf({ verdict, policy, failure }: TapRequest, colors: Colors): string {
  const by =
    policy === undefined ? "no policy that allows matches" : `${policy.namespace}/${policy.name} rule ${policy.rule}`;
  if (verdict === "denied") return colors.red(`denied: ${by}`);
  if (verdict === "would-deny") return colors.yellow(`would be denied: ${by}`);
  if (verdict === "unauthenticated") return colors.red("refused for its token");
  if (verdict === "unmatched") return colors.red("refused: plaintext where mutual TLS is strict");
  return failure ?? "";
}
