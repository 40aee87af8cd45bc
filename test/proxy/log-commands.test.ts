import { strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import { testEnvoy } from "../../src/agent/test-envoy.ts";
import { formatFault, logCommands } from "../../src/plan/telemetry/log-commands.ts";

// What is said of a format, against Envoy itself.

const folder = mkdtempSync(join(tmpdir(), "weft-formats-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Envoy says of these formats, one log each; empty where it takes them. */
function said(formats: readonly string[]): string {
  const type = "type.googleapis.com/envoy.extensions";
  const log = (text: string) => ({
    name: "envoy.access_loggers.file",
    typed_config: {
      "@type": `${type}.access_loggers.file.v3.FileAccessLog`,
      path: "/dev/null",
      log_format: {
        text_format_source: { inline_string: text },
        formatters: [
          { name: "x", typed_config: { "@type": `${type}.formatter.req_without_query.v3.ReqWithoutQuery` } },
        ],
      },
    },
  });
  const tcp = { "@type": `${type}.filters.network.tcp_proxy.v3.TcpProxy`, stat_prefix: "x", cluster: "c" };
  const listener = {
    name: "l",
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    access_log: formats.map(log),
    filter_chains: [{ filters: [{ name: "t", typed_config: tcp }] }],
  };
  const file = join(folder, "envoy.json");
  writeFileSync(file, JSON.stringify({ static_resources: { listeners: [listener], clusters: [{ name: "c" }] } }));
  const { status, stderr } = spawnSync(testEnvoy(), ["--mode", "validate", "-c", file, "-l", "error"], {
    encoding: "utf8",
  });
  return status === 0 ? "" : stderr;
}

/** An argument for those that want one. */
const withArgument: Readonly<Record<string, string>> = {
  ...{ REQ: "X", RESP: "X", TRAILER: "X", REQ_WITHOUT_QUERY: "X", REQUEST_HEADER: "X", RESPONSE_HEADER: "X" },
  ...{ DYNAMIC_METADATA: "a:b", CLUSTER_METADATA: "a:b", UPSTREAM_METADATA: "a:b", METADATA: "ROUTE:a:b" },
  ...{ FILTER_STATE: "a:PLAIN", UPSTREAM_FILTER_STATE: "a:PLAIN", CEL: "request.path", ENVIRONMENT: "HOME" },
  ...{ COMMON_DURATION: "DS_RX_BEG:DS_RX_END:ms", QUERY_PARAM: "a", COALESCE: '{"operators":["PROTOCOL"]}' },
};

test("Envoy takes every command that is known", () => {
  const all = logCommands().map((name) => {
    const argument = withArgument[name];
    return argument === undefined ? `%${name}%` : `%${name}(${argument})%`;
  });
  strictEqual(said(all), "");
  for (const format of all) strictEqual(formatFault(format), undefined, format);
});

test("Envoy refuses what is called a fault", () => {
  for (const format of ["%PROTOCOLL%", "%ATTEMPT_COUNT%", "100% of it", "%PROTOCOL"]) {
    strictEqual(said([format]) === "", false, format);
    strictEqual(formatFault(format) === undefined, false, format);
  }
});
