import { deepStrictEqual } from "node:assert";
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { test } from "vitest";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { envoyTypes } from "../../gen/envoy-types.ts";
import { merge } from "./merge.ts";

/** A cluster with a patch merged into it, in JSON. */
function merged(target: JsonValue, source: JsonValue, lists: "append" | "replace" = "append"): JsonValue {
  const registry = envoyTypes();
  const message = fromJson(ClusterSchema, target, { registry });
  merge(ClusterSchema, message, fromJson(ClusterSchema, source, { registry }), { lists, said: source });
  return toJson(ClusterSchema, message, { registry, useProtoFieldName: true });
}

test("messages are merged, numbers and texts replaced", () => {
  deepStrictEqual(
    merged(
      { name: "a", upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3, keepalive_time: 5 } } },
      { alt_stat_name: "b", upstream_connection_options: { tcp_keepalive: { keepalive_time: 7 } } },
    ),
    {
      name: "a",
      alt_stat_name: "b",
      upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3, keepalive_time: 7 } },
    },
  );
});

test("a duration is replaced as a whole", () => {
  deepStrictEqual(merged({ connect_timeout: "1.5s" }, { connect_timeout: "2s" }), { connect_timeout: "2s" });
});

test("a wrapped 0 and a written 0 are set; what is not written stays", () => {
  deepStrictEqual(
    merged(
      { per_connection_buffer_limit_bytes: 9, lb_policy: "LEAST_REQUEST", alt_stat_name: "x" },
      { per_connection_buffer_limit_bytes: 0, lbPolicy: "ROUND_ROBIN" },
    ),
    { per_connection_buffer_limit_bytes: 0, alt_stat_name: "x" },
  );
});

test("of alternatives the patch's counts", () => {
  deepStrictEqual(merged({ type: "EDS" }, { cluster_type: { name: "own" } }), { cluster_type: { name: "own" } });
});

test("lists get longer, or are replaced", () => {
  const health = (port: number) => ({ alt_port: port, timeout: "1s" });
  const [before, patch] = [{ health_checks: [health(1)] }, { health_checks: [health(2)] }];
  deepStrictEqual(merged(before, patch), { health_checks: [health(1), health(2)] });
  deepStrictEqual(merged(before, patch, "replace"), { health_checks: [health(2)] });
});

const tls = (settings: object, name = "tls") => ({
  transport_socket: {
    name,
    typed_config: {
      ...settings,
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    },
  },
});

test("settings of one type are merged, a 0 in them too; those of another, or of another socket, replace", () => {
  const before = tls({ sni: "a", allow_renegotiation: true }) as JsonValue;
  deepStrictEqual(merged(before, tls({ sni: "b" }) as JsonValue), tls({ sni: "b", allow_renegotiation: true }));
  deepStrictEqual(merged(before, tls({ allow_renegotiation: false }) as JsonValue), tls({ sni: "a" }));
  deepStrictEqual(merged(before, tls({ sni: "b" }, "other") as JsonValue), tls({ sni: "b" }, "other"));
  const raw = {
    transport_socket: {
      name: "tls",
      typed_config: { "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer" },
    },
  };
  deepStrictEqual(merged(before, raw), raw);
});

test("an entry of a map replaces the one of its name", () => {
  const options = (fields: Record<string, number>) => ({ metadata: { filter_metadata: { a: fields } } });
  deepStrictEqual(merged(options({ x: 1 }), options({ y: 2 })), options({ y: 2 }));
});
